"""Requests for help on the engine: which promises run for one, and whom a tier of one tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.escalations import aligning, clocks, owed
from apps.escalations.audiences import Directory
from apps.escalations.models import Check, Clock
from apps.escalations.rfh_events import RFHTierReached, RFHTierSkipped
from apps.people.models import Agent
from apps.rfhs.models import RFH
from apps.sla.audiences import KINDS, Audience
from apps.sla.matching import Facts, PolicyRule, govern
from apps.trail import services as trail

RELATED = ("ticket", "customer", "team__channel", "communicator__channel", "owner", "accountable")


def facts_of(rfh: RFH) -> Facts:
    """What policies look at."""
    return Facts(
        plan="", severity="", channel="", type="", team=rfh.team.slug if rfh.team else "", priority=rfh.priority
    )


def owed_since(rfh: RFH) -> dict[str, datetime]:
    """What the request is still owed, each with the instant from which its time runs."""
    return owed.since(rfh.at, asked_at=rfh.asks_since, handed_over_at=rfh.handed_over_at, told_at=rfh.told_since)


def promised_to(rfh: RFH, policies: Sequence[PolicyRule]) -> dict[str, owed.Owed]:
    """What the policies promise to such a request, by kind."""
    return owed.promised(govern(policies, facts_of(rfh)), level=rfh.level)


@transaction.atomic
def align(rfhs: Iterable[int], *, because: str, now: datetime) -> int:
    """What runs for each of these requests is what its state and the policies say now; how many changed.

    What was said stays said. An update that was given ends the promise of it, and the next one begins at that instant.
    """
    policies = clocks.current_policies("rfh")
    # The request before its clocks, as everywhere: whoever takes a step holds it, too. And read once it is held: its
    # team is not the one it had before.
    waiting = RFH.objects.select_for_update(no_key=True).filter(pk__in=list(rfhs)).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    rows = RFH.objects.select_related(*RELATED).filter(pk__in=keys).order_by("pk")
    return sum([_align(row, policies, because=because, now=now) for row in rows])


def _align(rfh: RFH, policies: Sequence[PolicyRule], *, because: str, now: datetime) -> bool:
    return aligning.align(
        rfh,
        owed_since(rfh),
        promised_to(rfh, policies),
        not_owed=f"it is not owed while the request is {rfh.state}",
        because=because,
        now=now,
    )


def stop(rfh: int, promises: Iterable[str], *, at: datetime, now: datetime) -> None:
    """What was promised happened at `at`."""
    aligning.stop(_row(rfh), promises, at=at, now=now)


def cancel(rfh: int, promises: Iterable[str] | None = None, *, because: str, now: datetime) -> None:
    """These promises, or all of them, run no longer."""
    aligning.cancel(_row(rfh), promises, because=because, now=now)


def _row(rfh: int) -> RFH:
    return RFH.objects.select_related(*RELATED).get(pk=rfh)


def subjects(due: Iterable[Clock]) -> dict[int, RFH]:
    """The requests of these clocks, by key."""
    keys = [clock.rfh_id for clock in due if clock.rfh_id]
    return RFH.objects.select_related(*RELATED).in_bulk(keys) if keys else {}


def people_of(rfhs: Iterable[RFH]) -> dict[str, Agent]:
    """Those who own these requests or are accountable for them, by email."""
    return {agent.email: agent for rfh in rfhs for agent in (rfh.owner, rfh.accountable) if agent is not None}


def bound(audience: Audience, promise: str, rfh: RFH) -> Audience:
    """Whom a tier means for this request as it is now.

    Updates are the duty of the team that kept it when the request was handed over (Mattermost's SET).
    """
    match audience.kind:
        case KINDS.owner:
            return replace(audience, agents=(rfh.owner.email,) if rfh.owner else ())
        case KINDS.accountable:
            return replace(audience, agents=(rfh.accountable.email,) if rfh.accountable else ())
        case KINDS.rotation if not audience.rotation:
            team = (rfh.communicator if promise == owed.UPDATE else None) or rfh.team
            if team is not None:
                return replace(audience, team=team.slug, label=f"{audience.role} of {team}")
    return audience


def reach(
    clock: Clock, check: Check, higher: Sequence[Check], then: Sequence[Check], below: list[int], directory: Directory
) -> trail.Happening:
    """The tier speaks: to whom, and who hears after them.

    higher: the tiers of this round that wait. then: the next round, where one begins.
    """
    rfh = clock.rfh
    assert rfh is not None
    audience = bound(check.audience, clock.promise, rfh)
    told = directory.tell(audience, [bound(other.audience, clock.promise, rfh) for other in higher])
    following = aligning.next_of(higher, then, lambda other: bound(other, clock.promise, rfh).label)
    event = RFHTierReached(
        rfh=rfh.pk,
        summary=rfh.summary,
        team=rfh.team.slug if rfh.team else "",
        team_name=rfh.team.name if rfh.team else "",
        customer=rfh.customer.name if rfh.customer else "",
        ticket=rfh.ticket.number if rfh.ticket else "",
        priority=rfh.priority,
        level=rfh.level,
        state=rfh.state,
        owner=str(rfh.owner) if rfh.owner else "",
        accountable=str(rfh.accountable) if rfh.accountable else "",
        **aligning.spoken(clock, check, told, audience, next_tier=following, below=below),
    )
    return aligning.happening(clock, event)


def skip(clock: Clock, check: Check, reached: int) -> trail.Happening:
    """A lower tier that was due together with a higher one."""
    event = RFHTierSkipped(rfh=clock.rfh_id or 0, **aligning.passed_over(clock, check, reached))
    return aligning.happening(clock, event)
