"""How a page climbs where no policy says otherwise. Pure."""

from __future__ import annotations

from datetime import timedelta

from apps.sla.audiences import KINDS, Audience
from apps.sla.matching import PolicyRule, PromiseRule, Rung

STEP = timedelta(minutes=10)
# The roles of the SET, in the order in which they are paged: ten minutes a step.
ROLES = ("primary", "backup", "lead")
REPEAT = 5

PAGES = PolicyRule(
    id=0,
    name="Pages",
    position=0,
    enabled=True,
    plans=frozenset(),
    without_plan=False,
    severities=frozenset(),
    channels=frozenset(),
    excluded_types=frozenset(),
    promises=(
        PromiseRule(
            kind="acknowledgement",
            within=len(ROLES) * STEP,
            rungs=tuple(
                Rung(tier, (tier - 1) * STEP, Audience(kind=KINDS.rotation, role=role, label=role))
                for tier, role in enumerate(ROLES, start=1)
            ),
            repeat=REPEAT,
        ),
    ),
)
