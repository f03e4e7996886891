"""Who is told of what happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.escalations.events import EscalationReached
from apps.escalations.incident_events import IncidentTierReached
from apps.escalations.page_events import PageStepReached, PageWentUnheard
from apps.escalations.rfh_events import RFHTierReached
from apps.incidents.events import (
    IncidentAcknowledged,
    IncidentChanged,
    IncidentChannelAsked,
    IncidentChannelOpened,
    IncidentChannelRefused,
    IncidentClosed,
    IncidentDeclared,
    IncidentInvalidated,
    IncidentLinked,
    IncidentPublished,
    IncidentReopened,
    IncidentUnpublished,
    IncidentUpdated,
    IncidentUpdateEdited,
    PublicationDeclined,
    PublicationWanted,
    RCALinked,
)
from apps.integrations.slack import selectors as slack
from apps.integrations.slack.events import SlackAnswered
from apps.integrations.slack.messages import Places
from apps.notices import (
    cycles,
    days_ahead,
    handover_routing,
    incident_approvals,
    incident_tiers,
    incidents,
    paging,
    rfh_tiers,
    rfh_words,
    rfhs,
    routing,
    services,
    shifts,
    swaps,
)
from apps.notices.events import NoticeSent
from apps.pages.events import (
    HelpAsked,
    PageAcknowledged,
    PageHandedOver,
    PageOpened,
    PagePassedOn,
    PageResolved,
)
from apps.rfhs.events import (
    IncidentNeeded,
    ItemWithoutOwner,
    RFHAcknowledged,
    RFHAnswered,
    RFHAssigned,
    RFHChanged,
    RFHFiled,
    RFHHandedOver,
    RFHNudged,
    RFHReopened,
    RFHRerouted,
    RFHResolved,
    RFHStarted,
    RFHTellingAssigned,
    RFHUpdatePosted,
    RFHWithdrawn,
    SolvedByTeammate,
    TeammatesAsked,
)
from apps.rfhs.joining_events import (
    AccountManagerFollows,
    EngineerAskedToJoin,
    EngineerJoinedCustomer,
    EngineerStaysBehind,
    EstimateAsked,
    EstimateGiven,
    RFHAccountableChanged,
)
from apps.rfhs.tracking.events import (
    RFHIssueClosed,
    RFHIssueCommented,
    RFHIssueDelayed,
    RFHIssueOpened,
    RFHIssueReopened,
    RFHIssueUntold,
)
from apps.rotations.coverage.events import CoverageWarned, WeekAhead
from apps.rotations.cycles.events import ChecklistOverdue, DigestSent
from apps.rotations.events import ShiftsMoved
from apps.rotations.handovers.events import HandOverOverdue, HandOverSettled, HandOverUnsettled
from apps.rotations.swapping.events import SwapDeclined, SwapExpired, SwapRequested, SwapTaken, SwapWithdrawn
from apps.tickets.models import Ticket
from apps.trail.patterns.events import PatternMatched
from apps.trail.reacting import Recorded, on
from apps.trail.seals.events import SealHeadShown, TrailTampered


@on(EscalationReached)
def tell_of_the_escalation(entries: Sequence[Recorded[EscalationReached]]) -> None:
    """Those the tier means hear in the ticket's thread."""
    keys = dict(Ticket.objects.filter(number__in={entry.event.number for entry in entries}).values_list("number", "pk"))
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in routing.for_escalation(
                entry.event,
                event_id=entry.id,
                at=entry.occurred_at,
                about=f"ticket:{entry.event.number}",
                places=_places(entry, keys.get(entry.event.number)),
                default_channel=settings.SLACK_DEFAULT_CHANNEL,
            )
        ]
    )


@on(PageOpened, PageStepReached, PageWentUnheard, HelpAsked)
def tell_of_the_page(entries: Sequence[Recorded[Any]]) -> None:
    """The team's channel sees the page, those who are on duty hear in person."""
    paging.tell(entries)


@on(PageAcknowledged, PagePassedOn, PageResolved, PageHandedOver)
def show_the_page_anew(entries: Sequence[Recorded[Any]]) -> None:
    """Everywhere the page was shown it is shown as it is now."""
    paging.refresh(entries)


@on(PageHandedOver)
def tell_whose_the_page_is(entries: Sequence[Recorded[PageHandedOver]]) -> None:
    """Whoever owns it from now on hears in person."""
    paging.tell_new_owners(entries)


@on(RFHTierReached)
def tell_of_what_a_request_is_owed(entries: Sequence[Recorded[RFHTierReached]]) -> None:
    """Those whom the tier means hear in person."""
    rfh_tiers.tell(entries)


@on(IncidentTierReached)
def tell_of_what_an_incident_is_owed(entries: Sequence[Recorded[IncidentTierReached]]) -> None:
    """Its contact hears in person, then its lead."""
    incident_tiers.tell(entries)


@on(NoticeSent)
def catch_up_with_the_page(entries: Sequence[Recorded[NoticeSent]]) -> None:
    """A page that changed while its message was on the way is shown as it is now."""
    if of_pages := _about_a("page", entries):
        paging.catch_up(of_pages)


@on(TeammatesAsked)
def ask_teammates(entries: Sequence[Recorded[TeammatesAsked]]) -> None:
    """Support's internal channel is asked first."""
    rfhs.owe(entries, rfhs.ask_teammates)


@on(RFHFiled, RFHIssueOpened, RFHIssueDelayed, RFHHandedOver)
def tell_the_team(entries: Sequence[Recorded[Any]]) -> None:
    """The team that is asked hears, in its channel."""
    rfhs.owe(entries, rfhs.tell_the_team)


@on(
    SolvedByTeammate,
    RFHAcknowledged,
    RFHStarted,
    RFHHandedOver,
    RFHUpdatePosted,
    RFHAnswered,
    RFHResolved,
    RFHRerouted,
    RFHWithdrawn,
    RFHReopened,
    RFHNudged,
    RFHAssigned,
    RFHTellingAssigned,
    ItemWithoutOwner,
    IncidentNeeded,
    EngineerAskedToJoin,
    EngineerJoinedCustomer,
    EngineerStaysBehind,
    EstimateAsked,
    EstimateGiven,
    AccountManagerFollows,
    RFHAccountableChanged,
)
def tell_how_the_request_goes(entries: Sequence[Recorded[Any]]) -> None:
    """Whoever waits for a request, or works on it, hears how it goes."""
    rfhs.owe(entries, rfh_words.say)


@on(RFHChanged)
def show_what_changed(entries: Sequence[Recorded[RFHChanged]]) -> None:
    """What a team was asked is shown as it is now; another priority is said."""
    rfhs.owe(rfhs.of_teams(entries), rfh_words.say)


@on(RFHIssueCommented, RFHIssueClosed, RFHIssueReopened, RFHIssueDelayed, RFHIssueUntold)
def tell_what_the_issue_says(entries: Sequence[Recorded[Any]]) -> None:
    """What engineering writes on an issue reaches support."""
    rfhs.owe(entries, rfh_words.say_of_issue)


@on(NoticeSent)
def note_where_the_request_is_spoken_of(entries: Sequence[Recorded[NoticeSent]]) -> None:
    """Answers in the thread of a post are found by it."""
    if of_requests := _about_a("rfh", entries):
        rfhs.note_threads(of_requests)


@on(
    IncidentDeclared,
    IncidentAcknowledged,
    IncidentUpdated,
    IncidentChanged,
    IncidentChannelAsked,
    IncidentChannelOpened,
    IncidentChannelRefused,
    IncidentClosed,
    IncidentReopened,
    IncidentInvalidated,
    IncidentPublished,
    IncidentUnpublished,
    PublicationWanted,
    PublicationDeclined,
    IncidentLinked,
    RCALinked,
    IncidentUpdateEdited,
)
def tell_of_the_incident(entries: Sequence[Recorded[Any]]) -> None:
    """The channel of all incidents hears what happens to one, and whoever did it hears that it was done."""
    incidents.tell(entries)


@on(PublicationWanted)
def ask_for_approval(entries: Sequence[Recorded[PublicationWanted]]) -> None:
    """Those who may publish hear that something waits for them."""
    incident_approvals.ask_for_approval(entries)


@on(IncidentPublished, PublicationDeclined, IncidentUnpublished, IncidentInvalidated)
def show_what_was_decided(entries: Sequence[Recorded[Any]]) -> None:
    """Those who were asked see what was decided."""
    incident_approvals.show_what_was_decided(entries)


@on(IncidentPublished, PublicationDeclined)
def tell_who_asked(entries: Sequence[Recorded[Any]]) -> None:
    """Whose words waited hears what became of them."""
    incident_approvals.tell_who_asked(entries)


@on(NoticeSent)
def note_where_the_incident_is_spoken_of(entries: Sequence[Recorded[NoticeSent]]) -> None:
    """What is said of an incident later belongs to the thread of its message."""
    if of_incidents := _about_a("incident", entries):
        incidents.note_threads(of_incidents)


@on(ShiftsMoved)
def tell_whose_shifts_moved(entries: Sequence[Recorded[ShiftsMoved]]) -> None:
    """Those whose shifts come, go or move hear in person."""
    shifts.tell_of_moved(entries)


@on(HandOverSettled)
def tell_the_lead_what_was_left(entries: Sequence[Recorded[HandOverSettled]]) -> None:
    """The incoming lead hears what nobody took."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in handover_routing.for_settled(
                entry.event,
                base=settings.BASE_URL,
                page=_handover(entry.event.handover),
                default_channel=settings.SLACK_DEFAULT_CHANNEL,
            )
        ]
    )


@on(HandOverUnsettled)
def tell_what_is_with_nobody(entries: Sequence[Recorded[HandOverUnsettled]]) -> None:
    """The channel hears of what could be given to nobody."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in handover_routing.for_unsettled(
                entry.event,
                page=_handover(entry.event.handover),
                default_channel=settings.SLACK_DEFAULT_CHANNEL,
            )
        ]
    )


@on(HandOverOverdue)
def remind_of_the_hand_over(entries: Sequence[Recorded[HandOverOverdue]]) -> None:
    """Whoever has not confirmed it hears in person."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in handover_routing.for_overdue(entry.event, page=_handover(entry.event.handover))
        ]
    )


def _handover(pk: int) -> str:
    return f"{settings.BASE_URL}{reverse('rotations_handovers:page', args=[pk])}" if settings.BASE_URL else ""


@on(SwapRequested)
def ask_them_to_swap(entries: Sequence[Recorded[SwapRequested]]) -> None:
    """Those who may take the shift are asked in person."""
    swaps.tell_of_request(entries)


@on(SwapTaken, SwapDeclined, SwapWithdrawn, SwapExpired)
def tell_how_the_swap_ended(entries: Sequence[Recorded[Any]]) -> None:
    """Whose shift it is and those who lead the rotation hear how it ended."""
    swaps.tell_of_outcome(entries)


@on(CoverageWarned)
def warn_of_the_days_ahead(entries: Sequence[Recorded[CoverageWarned]]) -> None:
    """Whoever leads hears what is not covered."""
    days_ahead.warn(entries)


@on(WeekAhead)
def tell_the_week_ahead(entries: Sequence[Recorded[WeekAhead]]) -> None:
    """The rotation's channel sees who is on in the coming week."""
    days_ahead.tell_week(entries)


@on(ChecklistOverdue)
def remind_of_what_is_overdue(entries: Sequence[Recorded[ChecklistOverdue]]) -> None:
    """Whoever leads the cycle hears; where nobody does, the team's channel."""
    cycles.tell_of_overdue(entries)


@on(DigestSent)
def send_the_digest(entries: Sequence[Recorded[DigestSent]]) -> None:
    """The stakeholders it names get it."""
    cycles.send_digest(entries)


@on(SlackAnswered)
def give_the_answer(entries: Sequence[Recorded[SlackAnswered]]) -> None:
    """What the bot says goes out through the outbox as everything else."""
    services.owe([(entry, owed) for entry in entries for owed in routing.for_answer(entry.event, about=_about(entry))])


@on(PatternMatched)
def tell_that_it_happened_again(entries: Sequence[Recorded[PatternMatched]]) -> None:
    """The pattern's channel hears that it was found."""
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in routing.for_pattern(
                entry.event,
                channel=routing.usable(slack.channel_id(entry.event.channel)),
                story=f"{settings.BASE_URL}/trail/{entry.position}/" if settings.BASE_URL else "",
            )
        ]
    )


@on(TrailTampered)
def tell_of_tampering(entries: Sequence[Recorded[TrailTampered]]) -> None:
    """Support managers hear at once; it stands on the home page, too."""
    managers = slack.manager_ids()
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in routing.for_tampering(
                entry.event,
                managers=managers,
                default_channel=settings.SLACK_DEFAULT_CHANNEL,
                page=f"{settings.BASE_URL}/trail/{entry.position}/" if settings.BASE_URL else "",
            )
        ]
    )


@on(SealHeadShown)
def keep_the_seal(entries: Sequence[Recorded[SealHeadShown]]) -> None:
    """The channel that keeps seals gets the newest."""
    services.owe([(entry, owed) for entry in entries for owed in routing.for_seal(entry.event)])


def _about_a(kind: str, entries: Sequence[Recorded[NoticeSent]]) -> list[Recorded[NoticeSent]]:
    return [entry for entry in entries if any(stream.startswith(f"{kind}:") for stream in entry.about)]


def _about(entry: Recorded[SlackAnswered]) -> str:
    if entry.event.number:
        return f"ticket:{entry.event.number}"
    return entry.about[0] if entry.about else ""


def _places(entry: Recorded[EscalationReached], ticket: int | None) -> Places:
    if not settings.BASE_URL:
        return Places()
    page = reverse("admin:tickets_ticket_change", args=[ticket]) if ticket else ""
    return Places(
        ticket=f"{settings.BASE_URL}{page}" if page else "",
        story=f"{settings.BASE_URL}/trail/{entry.position}/",
    )
