"""Who hands over to whom, and who takes what by their role. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAD = "lead"


@dataclass(frozen=True)
class Hand:
    """Somebody who hands over or takes over, in a role; whoever `signs` confirms it."""

    email: str
    role: str
    signs: bool = False


@dataclass(frozen=True)
class Sides:
    """Those who go and those who come, in the order of their roles; somebody may be both."""

    outgoing: tuple[Hand, ...]
    incoming: tuple[Hand, ...]


# The roles in their order, with the emails of whoever is on.
OnDuty = Sequence[tuple[str, Sequence[str]]]


def whole(before: OnDuty, after: OnDuty, *, lead_role: str = LEAD, lead: str = "", earlier: OnDuty = ()) -> Sides:
    """Everybody on duty before and after the change; the leads confirm it, or the first where nobody is lead.

    `lead` leads whoever is on duty, by email, and so is on both sides. Whoever was on `earlier` in the cycle goes as
    well, unless they come again: what they still own is passed on, too.
    """
    outgoing, incoming = _signed(before, lead_role, lead), _signed(after, lead_role, lead)
    there = {hand.email for hand in (*outgoing, *incoming)}
    gone = (Hand(email, role) for email, role in _roles(earlier).items() if email not in there)
    return Sides((*outgoing, *gone), incoming)


def swapped(before: OnDuty, after: OnDuty) -> Sides:
    """Only what changes hands: whoever moves down (primary to backup) or off, and whoever moves up or on; all confirm.

    The former have the role they leave, the latter the role they take, so that a pair that swaps has the same.
    """
    old, new = _roles(before), _roles(after)
    ranks = {role: rank for rank, (role, _) in enumerate(after)}

    def rank(email: str, roles: Mapping[str, str]) -> int:
        return ranks.get(roles[email], 0) if email in roles else len(ranks)

    down = [Hand(email, role, True) for email, role in old.items() if rank(email, new) > rank(email, old)]
    up = [Hand(email, role, True) for email, role in new.items() if rank(email, new) < rank(email, old)]
    return Sides(tuple(down), tuple(up))


def spread(owners: Mapping[str, str], sides: Sides) -> dict[str, str]:
    """By item, who of the incoming takes it: whoever comes into its owner's role.

    What is nobody's goes round those of the first role. Nothing is said of what somebody of the incoming owns, or
    somebody who is on neither side.
    """
    coming: dict[str, list[str]] = {}
    for hand in sides.incoming:
        coming.setdefault(hand.role, []).append(hand.email)
    if not coming:
        return {}
    first = next(iter(coming.values()))
    going: dict[str, tuple[str, int]] = {}
    places: dict[str, int] = {}
    for hand in sides.outgoing:
        going.setdefault(hand.email, (hand.role, places.get(hand.role, 0)))
        places[hand.role] = places.get(hand.role, 0) + 1
    staying = {hand.email for hand in sides.incoming}
    given: dict[str, str] = {}
    unowned = 0
    for item, owner in owners.items():
        if not owner:
            given[item] = first[unowned % len(first)]
            unowned += 1
        elif owner in going and owner not in staying:
            role, place = going[owner]
            there = coming.get(role, first)
            given[item] = there[place % len(there)]
    return given


def _roles(duty: OnDuty) -> dict[str, str]:
    """Each person's first role."""
    found: dict[str, str] = {}
    for role, emails in duty:
        for email in emails:
            found.setdefault(email, role)
    return found


def _signed(duty: OnDuty, lead_role: str, lead: str) -> tuple[Hand, ...]:
    roles = _roles(duty)
    # Whoever is lead is so whatever else they are.
    leads = {email for role, emails in duty if role.casefold() == lead_role.casefold() for email in emails}
    if lead and roles:
        leads = {lead}
        roles.setdefault(lead, lead_role)
    signing = leads or set(list(roles)[:1])
    return tuple(Hand(email, role, signs=email in signing) for email, role in roles.items())
