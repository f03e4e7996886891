"""What is owed because somebody asks others to take a shift, and how what was said follows what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.integrations.slack import swap_messages
from apps.integrations.slack.swap_messages import Outcome
from apps.notices import services, swap_routing
from apps.notices.models import Notice
from apps.notices.replacing import in_place_of
from apps.notices.routing import Owed
from apps.notices.shift_routing import Told
from apps.notices.shifts import did_it, reachable, told_as
from apps.rotations.swapping.events import SwapDeclined, SwapRequested
from apps.rotations.swapping.selectors import leads_of
from apps.trail.models import Link
from apps.trail.reacting import Recorded


def tell_of_request(entries: Sequence[Recorded[SwapRequested]]) -> None:
    """Everybody who may take it hears once, with buttons."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in swap_routing.for_request(
                entry.event,
                people=_people(entry, [*entry.event.invited, entry.event.person]),
                by=entry.actor.label or "SupportOps",
                url=_page(entry.event.request),
            )
        ]
    )


def tell_of_outcome(entries: Sequence[Recorded[Outcome]]) -> None:
    """Whose shift it is and who leads the rotation hear how it ended; what others were shown loses its buttons."""
    leads = leads_of({entry.event.rotation for entry in entries})
    owed: list[tuple[Recorded[Any], Owed]] = []
    for entry in entries:
        known = [agent.email for agent in leads[entry.event.rotation]]
        people = _people(entry, [*known, entry.event.person, entry.event.asked_by])
        if not isinstance(entry.event, SwapDeclined):
            # Who takes it knows.
            people.pop(getattr(entry.event, "taken_by", ""), None)
        outcomes = swap_routing.for_outcome(entry.event, people=people, leads=known, url=_page(entry.event.request))
        owed += [(entry, one) for one in outcomes]
        owed += [(entry, one) for one in _shown_anew(entry)]
    services.owe(owed)


def _shown_anew(entry: Recorded[Outcome]) -> list[Owed]:
    """The invitations that are in Slack, without their buttons; of one who declined only theirs."""
    event = entry.event
    link = Link.objects.filter(stream=f"swap:{event.request}", event__type="SwapRequested").select_related("event")
    stored = next((each.event for each in link), None)
    request = stored.event if stored else None
    if stored is None or not isinstance(request, SwapRequested):
        return []
    said = Notice.objects.filter(
        event_id=stored.event_id, kind=Notice.Kind.MESSAGE, state=Notice.State.SENT, slack_ts__gt=""
    )
    ended = swap_messages.ended_in_words(event)
    by_slack = {agent.slack_id: agent for email, agent in reachable(request.invited).items() if _ends(event, email)}
    found = []
    for notice in said:
        agent = by_slack.get(notice.recipient)
        if agent is None:
            continue
        text, blocks = swap_messages.invitation(
            request, told_as(agent).reader, by=stored.actor_label, url=_page(event.request), ended=ended
        )
        found.append(in_place_of(notice, text, blocks))
    return found


def _ends(event: Outcome, email: str) -> bool:
    """Whether it is over for this person."""
    return not isinstance(event, SwapDeclined) or event.over or event.declined_by == email


def _people(entry: Recorded[Any], emails: Sequence[str]) -> dict[str, Told]:
    agents = reachable(emails)
    return {email: told_as(agent) for email, agent in agents.items() if not did_it(entry.actor, agent)}


def _page(request: int) -> str:
    return f"{settings.BASE_URL}{reverse('rotations_swaps:swap', args=[request])}" if settings.BASE_URL else ""
