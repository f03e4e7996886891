"""What a page owes to whom, and how what was said of it follows its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from apps.escalations.page_events import PageStepReached, PageWentUnheard
from apps.integrations.slack.page_messages import Line, Shown
from apps.notices import page_routing, services
from apps.notices.models import Notice
from apps.notices.routing import UPDATE, Owed
from apps.notices.shifts import did_it
from apps.pages import links
from apps.pages.events import HelpAsked, PageHandedOver, PageOpened
from apps.pages.models import Page
from apps.people.models import Agent
from apps.trail.context import Actor
from apps.trail.events import Event
from apps.trail.models import Link, StoredEvent
from apps.trail.reacting import Recorded

# The events whose messages show a page, and follow it.
SAID_BY = ("PageOpened", "PageStepReached", "PageWentUnheard", "HelpAsked", "PageHandedOver")
# What of a page's story its messages tell.
TOLD = (
    "PageStepReached",
    "PageStepSkipped",
    "PageWentUnheard",
    "PageAcknowledged",
    "PagePassedOn",
    "HelpAsked",
    "PageResolved",
    "PageHandedOver",
)
# More messages than this of one page are not kept up to date: those would be days old.
MOST_MESSAGES = 40


Entries = Sequence[Recorded[Any]]


def pages_of(entries: Entries) -> dict[int, Page]:
    """The pages the events are about, by number."""
    return Page.objects.select_related("team__channel", "owner").in_bulk({entry.event.page for entry in entries})


def tell(entries: Entries) -> None:
    """Whoever each event means hears, and what its team's channel shows of the page follows.

    The number of statements does not depend on the number of events.
    """
    pages = pages_of(entries)
    now = shown(list(pages.values()))
    takes = _takes([entry.event for entry in entries])
    services.owe(
        [
            (entry, owed)
            for entry in entries
            for owed in _said_by(entry.event, pages[entry.event.page], now[entry.event.page], takes)
        ]
    )
    refresh(entries, channel_alone=True)


def tell_new_owners(entries: Entries) -> None:
    """Whoever got a page from somebody hears so.

    Who took it themselves knows; and what nobody took, and so went to a lead, is told with the rest of its hand-over.
    """
    pages = pages_of(entries)
    given = [
        entry
        for entry in entries
        if entry.actor.kind != "system" and not _themselves(entry.actor, pages[entry.event.page])
    ]
    now = shown([pages[entry.event.page] for entry in given])
    services.owe(
        [(entry, owed) for entry in given for owed in page_routing.for_handed_over(entry.event, now[entry.event.page])]
    )


def refresh(entries: Entries, *, channel_alone: bool = False) -> None:
    """What Slack shows of the pages is owed anew, as they are now; in their teams' channels alone where asked so."""
    pages = pages_of(entries)
    streams = {page.stream: page for page in pages.values()}
    said = Notice.objects.filter(
        about__in=streams, kind=Notice.Kind.MESSAGE, state=Notice.State.SENT, slack_ts__gt=""
    ).order_by("-pk")
    by_page: dict[int, list[Notice]] = {}
    for notice in said:
        page = streams[notice.about]
        rows = by_page.setdefault(page.pk, [])
        if len(rows) < MOST_MESSAGES and (not channel_alone or notice.channel == channel_of(page)):
            rows.append(notice)
    _owe([(entry, pages[entry.event.page], by_page.get(entry.event.page, [])) for entry in entries])


def catch_up(entries: Entries) -> None:
    """A message that was on its way while its page changed shows the page as it is now."""
    notices = Notice.objects.filter(kind=Notice.Kind.MESSAGE, about__startswith="page:", folded_into=None).in_bulk(
        {entry.event.notice for entry in entries}
    )
    if not notices:
        return
    numbers = [int(notice.about.removeprefix("page:")) for notice in notices.values()]
    pages = Page.objects.select_related("team__channel", "owner").in_bulk(numbers)
    sources = StoredEvent.objects.in_bulk([notice.event_id for notice in notices.values()], field_name="event_id")
    late = []
    for entry in entries:
        notice = notices.get(entry.event.notice)
        source = sources.get(notice.event_id) if notice else None
        if notice is None or source is None or source.type not in SAID_BY:
            continue
        page = pages[int(notice.about.removeprefix("page:"))]
        if _told([page]).filter(event__position__gt=source.position).exists():
            late.append((entry, page, [notice]))
    _owe(late)


def as_now(notices: Iterable[Notice]) -> dict[int, Owed]:
    """What each of the messages that show a page would say now, by key; those that follow no page are left out."""
    rows = [row for row in notices if row.kind == Notice.Kind.MESSAGE and row.about.startswith("page:")]
    if not rows:
        return {}
    pages = Page.objects.select_related("team__channel", "owner").in_bulk(
        {int(row.about.removeprefix("page:")) for row in rows}
    )
    events = _events_of(rows)
    now, agents = shown(list(pages.values())), _takes(list(events.values()))
    found = {}
    for row in rows:
        page = pages.get(int(row.about.removeprefix("page:")))
        if page is None:
            continue
        for fresh in _said_by(events.get(row.event_id), page, now[page.pk], agents):
            if fresh.recipient == row.recipient:
                found[row.pk] = fresh
    return found


def shown(pages: Sequence[Page]) -> dict[int, Shown]:
    """The pages as their messages show them now, by number."""
    lines: dict[str, list[Line]] = {page.stream: [] for page in pages}
    for link in _told(pages).select_related("event").order_by("event__position"):
        lines[link.stream].append(Line(link.event.occurred_at, link.event.sentence))
    return {
        page.pk: Shown(
            number=page.pk,
            team=page.team.name,
            title=page.title,
            message=page.message,
            urgency=page.urgency,
            state=page.state,
            by=page.opened_by,
            owner=_owner(page),
            opened_at=page.opened_at,
            url=f"{settings.BASE_URL}{reverse('admin:pages_page_change', args=[page.pk])}" if settings.BASE_URL else "",
            lines=lines[page.stream],
        )
        for page in pages
    }


def channel_of(page: Page) -> str:
    """The Slack id of its team's channel; empty when it has none."""
    return page.team.channel.slack_id if page.team.channel else ""


def _themselves(actor: Actor, page: Page) -> bool:
    return page.owner is not None and did_it(actor, page.owner)


def _owner(page: Page) -> str:
    if page.state == Page.State.RESOLVED:
        return page.resolved_by
    return str(page.owner) if page.owner else page.acknowledged_by


def _told(pages: Sequence[Page]) -> QuerySet[Link]:
    return Link.objects.filter(stream__in=[page.stream for page in pages], event__type__in=TOLD)


def _takes(events: Sequence[Event | None]) -> dict[str, int]:
    """The keys of those who hear in person, by email; none while the portal does not know its own address."""
    people = [person for event in events if isinstance(event, PageStepReached) for person in event.people]
    if not (people and settings.BASE_URL):
        return {}
    emails = {str(person.get("email", "")) for person in people}
    return dict(Agent.objects.filter(email__in=emails).values_list("email", "pk"))


def _said_by(event: Event | None, page: Page, now: Shown, agents: Mapping[str, int]) -> list[Owed]:
    """The messages an event makes, as the page is now."""
    channel, default = channel_of(page), settings.SLACK_DEFAULT_CHANNEL
    match event:
        case PageOpened():
            return page_routing.for_opened(now, channel=channel)
        case PageStepReached():
            own = {email: f"{settings.BASE_URL}{links.path(page.pk, pk)}" for email, pk in agents.items()}
            return page_routing.for_step(event, now, takes=own, channel=channel, default_channel=default)
        case PageWentUnheard():
            return page_routing.for_unheard(event, now, default_channel=default)
        case HelpAsked():
            return page_routing.for_help(event, now)
        case PageHandedOver():
            return page_routing.for_handed_over(event, now)
        case _:
            return []


def _events_of(notices: Sequence[Notice]) -> dict[UUID, Event | None]:
    """The events that made the messages, where their messages show a page."""
    stored = StoredEvent.objects.in_bulk([notice.event_id for notice in notices], field_name="event_id")
    return {key: row.event for key, row in stored.items() if row.type in SAID_BY}


def _owe(said: Sequence[tuple[Recorded[Any], Page, list[Notice]]]) -> None:
    """Each of the messages as its own event would say it now."""
    notices = [notice for _, _, rows in said for notice in rows]
    if not notices:
        return
    events = _events_of(notices)
    now = shown([page for _, page, _ in said])
    agents = _takes(list(events.values()))
    owed = []
    for entry, page, rows in said:
        for notice in rows:
            for fresh in _said_by(events.get(notice.event_id), page, now[page.pk], agents):
                if fresh.recipient == notice.recipient:
                    place = f"{notice.recipient}/{notice.slack_ts}"
                    owed.append((entry, replace(fresh, recipient=place, kind=UPDATE, replaces=notice.pk)))
    services.owe(owed)
