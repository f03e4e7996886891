"""Which priority a request should have, and why. Pure.

Selecting a priority is more of an art than a science: it starts with the severity and moves up by what is known of the
customer (Sourcegraph, Engaging other teams, step 4). So this proposes, and a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass

P1, P2 = "p1", "p2"
ENOUGH = 2
_BY_SEVERITY = {"urgent": 2, "high": 1, "normal": 0, "low": -1}
_BY_LEVEL = {"L1": 3, "L2": 2, "L3": 0, "L4": -1}


@dataclass(frozen=True)
class Suggestion:
    """p1 or p2, and what speaks for it, each in a few words."""

    priority: str
    reasons: tuple[str, ...]

    @property
    def because(self) -> str:
        """The reasons in a line."""
        return ", ".join(self.reasons)


def suggest(
    *,
    kind: str = "",
    severity: str = "normal",
    level: str = "",
    prospect: bool = False,
    urgent_account: bool = False,
    plan: str = "",
    highest_plan: bool = False,
) -> Suggestion:
    """p1 or p2 by severity plus context.

    `urgent_account`: something else of the customer is urgent right now. `plan` is the plan's name. A severity of high
    or urgent, and a level, count as much as they say; a prospect or an urgent account raise what is not low; the
    highest plan raises what is high.
    """
    if kind == "feature":
        return Suggestion(P2, ("a feature request is always p2",))
    points, reasons = _BY_SEVERITY.get(severity, 0), []
    if severity in {"urgent", "high", "low"}:
        reasons.append(f"{severity} ticket")
    if level in _BY_LEVEL:
        points += _BY_LEVEL[level]
        reasons.append(f"level {level}")
    if prospect:
        points += 2
        reasons.append("prospect: still in the sales process")
    if urgent_account:
        points += 2
        reasons.append("the account has another urgent ticket")
    if highest_plan and points > 0:
        points += 1
        reasons.append(f"plan {plan.lower()}")
    return Suggestion(P1 if points >= ENOUGH else P2, tuple(reasons) or ("nothing speaks for more",))
