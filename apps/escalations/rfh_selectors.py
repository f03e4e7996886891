"""What requests for help are promised: how it stands, who hears next, and what other policies would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Prefetch

from apps.escalations import rfh_clocks
from apps.escalations.audiences import Directory
from apps.escalations.models import Clock
from apps.escalations.selectors import Effect, Effects, counted, effect_of
from apps.escalations.standing import Promised, standing
from apps.rfhs.models import RFH
from apps.rfhs.states import WITH_A_TEAM
from apps.sla.audiences import Audience
from apps.sla.matching import PolicyRule

__all__ = ["Promised", "promises_of", "rfh_effects"]


def promises_of(rfhs: Sequence[RFH], *, now: datetime, people: bool = False) -> dict[int, list[Promised]]:
    """What each request is promised, as `standing` has it; `people`: with whom the next tier means now.

    The requests have their owner, accountable, team and communicator at hand.
    """
    directory = Directory(now, known=rfh_clocks.people_of(rfhs)) if people else None
    return standing("rfh", {rfh.pk: rfh for rfh in rfhs}, _bound, directory=directory, now=now)


def _bound(audience: Audience, clock: Clock) -> Audience:
    assert clock.rfh is not None
    return rfh_clocks.bound(audience, clock.promise, clock.rfh)


def rfh_effects(after: Sequence[PolicyRule], *, show: int = 50) -> Effects:
    """Which requests that a team has would gain, lose or move a check if the policies were `after`."""
    running = Clock.objects.filter(state=Clock.State.RUNNING).prefetch_related("checks")
    rfhs = (
        RFH.objects.filter(state__in=[str(state) for state in WITH_A_TEAM])
        .select_related("team")
        .prefetch_related(Prefetch("clocks", running))
        .order_by("pk")
    )
    return counted((_effect_on(rfh, after) for rfh in rfhs.iterator(chunk_size=2000)), show=show)


def _effect_on(rfh: RFH, after: Iterable[PolicyRule]) -> Effect | None:
    promised = rfh_clocks.promised_to(rfh, list(after))
    clocks = {clock.promise: clock for clock in rfh.clocks.all()}
    for kind, since in rfh_clocks.owed_since(rfh).items():
        one = promised.get(kind)
        name = one.policy.name if one else "no promise"
        effect = effect_of(rfh, kind, clocks.get(kind), one.promise if one else None, name, began_at=since)
        if effect is not None:
            return effect
    return None
