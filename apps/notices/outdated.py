"""Messages that waited so long that they are no longer true."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from apps.escalations.models import Clock
from apps.incidents.models import Incident
from apps.notices.events import NoticeDropped
from apps.notices.models import Notice
from apps.rfhs.models import RFH
from apps.rotations.models import SwapRequest
from apps.trail.models import Link, StoredEvent

OF_A_PROMISE = ("EscalationReached", "PageStepReached", "PageWentUnheard", "RFHTierReached", "IncidentTierReached")
# What ends a promise well, by what it was made to.
ENDED = {
    "page": "the page was acknowledged",
    "rfh": "what the request was owed was done",
    "incident": "what was owed of the incident was done",
}


def drop_reasons(waiting: Sequence[Notice]) -> dict[int, str]:
    """Why some of these need not be said any more, by key; the rest still holds.

    A tier's message is outdated when the promise it is about runs no longer: who connects Slack in the evening
    should not wake people for what was answered in the morning. And when a higher tier of the same promise waits
    for the same thread, that one speaks, as in a sweep after an outage. Of what shows one message anew the last is
    enough. Costs two queries, and two more each for people asked to take shifts, for requests and for incidents.
    """
    tiers = {
        event_id: (clock, tier or step or 0)
        for event_id, clock, tier, step in StoredEvent.objects.filter(
            event_id__in=[notice.event_id for notice in waiting], type__in=OF_A_PROMISE
        ).values_list("event_id", "payload__clock", "payload__tier", "payload__step")
    }
    ended = dict(
        Clock.objects.filter(pk__in={clock for clock, _ in tiers.values()})
        .exclude(state=Clock.State.RUNNING)
        .values_list("pk", "state")
    )
    highest: dict[tuple[int, str], int] = {}
    for notice in waiting:
        if notice.event_id in tiers:
            clock, tier = tiers[notice.event_id]
            place = (clock, notice.recipient)
            highest[place] = max(tier, highest.get(place, tier))
    settled = _settled_swaps(waiting) | _over_requests(waiting) | _settled_approvals(waiting)
    newest = {notice.replaces_id: notice.pk for notice in waiting if notice.replaces_id}
    reasons = {}
    for notice in waiting:
        if notice.replaces_id and newest[notice.replaces_id] != notice.pk:
            reasons[notice.pk] = "a newer state is shown instead"
            continue
        if notice.event_id in settled and not notice.replaces_id:
            reasons[notice.pk] = "it was settled meanwhile"
            continue
        if notice.event_id not in tiers or notice.replaces_id:
            continue
        clock, tier = tiers[notice.event_id]
        higher = highest[clock, notice.recipient]
        if clock in ended:
            answered = ended[clock] in (Clock.State.MET, Clock.State.MISSED)
            how = ENDED.get(notice.about.partition(":")[0], "the ticket was answered")
            reasons[notice.pk] = f"{how} meanwhile" if answered else "the promise ended meanwhile"
        elif higher > tier:
            reasons[notice.pk] = f"tier {higher} speaks instead"
    return reasons


def _settled_swaps(waiting: Sequence[Notice]) -> set[UUID]:
    """The events by which people are asked to take shifts that nobody needs to take any more."""
    asked = {int(notice.about.removeprefix("swap:")) for notice in waiting if notice.about.startswith("swap:")}
    if not asked:
        return set()
    still = SwapRequest.objects.filter(pk__in=asked, state=SwapRequest.State.OPEN).values_list("pk", flat=True)
    over = [f"swap:{number}" for number in asked.difference(still)]
    requests = Link.objects.filter(stream__in=over, event__type="SwapRequested")
    return set(requests.values_list("event__event_id", flat=True))


# What asks somebody to act on a request for help; the rest tells how it went, which stays true.
ASKING = (
    "TeammatesAsked",
    "RFHFiled",
    "RFHIssueOpened",
    "RFHIssueDelayed",
    "RFHHandedOver",
    "RFHNudged",
    "RFHAssigned",
    "ItemWithoutOwner",
    "EngineerAskedToJoin",
    "EstimateAsked",
)


def _over_requests(waiting: Sequence[Notice]) -> set[UUID]:
    """The events by which somebody is asked to help with what is over meanwhile."""
    asked = {int(notice.about.removeprefix("rfh:")) for notice in waiting if notice.about.startswith("rfh:")}
    if not asked:
        return set()
    over = RFH.objects.filter(pk__in=asked, ended_at__isnull=False).values_list("pk", flat=True)
    streams = [f"rfh:{number}" for number in over]
    told = Link.objects.filter(stream__in=streams, event__type__in=ASKING)
    return set(told.values_list("event__event_id", flat=True))


def _settled_approvals(waiting: Sequence[Notice]) -> set[UUID]:
    """The events by which people are asked to publish what waits no more."""
    asked = {int(notice.about.removeprefix("incident:")) for notice in waiting if notice.about.startswith("incident:")}
    if not asked:
        return set()
    decided = Incident.objects.filter(pk__in=asked, awaiting_since=None).values_list("pk", flat=True)
    streams = [f"incident:{number}" for number in decided]
    wanted = Link.objects.filter(stream__in=streams, event__type="PublicationWanted")
    return set(wanted.values_list("event__event_id", flat=True))


def dropped(notice: Notice, because: str) -> NoticeDropped:
    """The event of a message that was not said."""
    return NoticeDropped(notice=notice.pk, summary=notice.summary, channel=notice.channel, because=because)
