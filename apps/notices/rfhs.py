"""What is owed because of requests for help, and how what was said of one follows its state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.integrations.slack import rfh_buttons, rfh_messages
from apps.integrations.slack import selectors as slack
from apps.integrations.slack.rfh_messages import Shown
from apps.integrations.slack.text import escape, link, mention, user_group_mention
from apps.notices import rfh_routing, services
from apps.notices.events import NoticeSent
from apps.notices.models import Notice
from apps.notices.places import Place
from apps.notices.replacing import in_place_of
from apps.notices.rfh_routing import Message
from apps.notices.routing import Owed, usable
from apps.notices.shift_routing import Told
from apps.notices.shifts import did_it, reachable, told_as
from apps.people.models import Team
from apps.rfhs import services as rfhs
from apps.rfhs.models import RFH, Issue
from apps.rfhs.routing.reaching import reach
from apps.rfhs.selectors import RELATED
from apps.rfhs.services.writing import held
from apps.trail.models import StoredEvent
from apps.trail.reacting import Recorded

Entries = Sequence[Recorded[Any]]
Said = Callable[[Recorded[Any], "Request"], Iterable[Owed]]
# The events whose messages show a request, and follow it.
ASKS_TEAMMATES = "TeammatesAsked"
TELLS_THE_TEAM = ("RFHFiled", "RFHIssueOpened", "RFHIssueDelayed", "RFHHandedOver")
POSTS = (ASKS_TEAMMATES, *TELLS_THE_TEAM)
# Where an event names people beside those whom the request names.
NAMED = ("to_email", "before_email", "engineer_email", "account_manager_email")
SOURCES_IN_SLACK = (RFH.Source.CHANNEL,)


@dataclass(frozen=True)
class Request:
    """A request with what its messages need: how it is shown, where its team hears, and who can be told."""

    rfh: RFH
    shown: Shown
    channel: str
    whom: str
    people: dict[str, Told]

    @property
    def support(self) -> list[str]:
        """The email of who answers to the customer; nobody's where nobody does."""
        return [self.rfh.accountable.email] if self.rfh.accountable else []

    @property
    def owner(self) -> list[str]:
        """The email of who works on it; nobody's where nobody does."""
        return [self.rfh.owner.email] if self.rfh.owner else []

    @property
    def thread(self) -> Place:
        """Where its team spoke of it last: the thread of the post, once Slack has taken it."""
        if self.rfh.team_thread_ts and self.rfh.team_channel == self.channel:
            return Place(self.channel, self.rfh.team_thread_ts)
        return Place(self.channel)

    def word(self, text: str, what: str, *emails: str, quote: str = "", thread: bool = False) -> Iterable[Owed]:
        """A sentence to these people, and to the team's thread where asked so."""
        message = rfh_messages.word(self.shown, text, quote=quote)
        yield from rfh_routing.to_people(self.shown, message, what, emails=emails, people=self.people)
        if thread:
            yield from rfh_routing.to_thread(self.shown, message, what, place=self.thread)


def owe(entries: Entries, say: Said) -> None:
    """What `say` makes of each event is owed, and what Slack shows of the requests follows."""
    requests = _requests(entries)
    owed = [(entry, one) for entry in entries for one in say(entry, requests[entry.event.rfh, entry.id])]
    owed += _shown_anew(entries, {key[0]: request for key, request in requests.items()})
    services.owe(owed)


def ask_teammates(entry: Recorded[Any], request: Request) -> Iterable[Owed]:
    """The internal support channel."""
    return to_support(request, _teammates(request.shown), "teammates are asked")


def tell_the_team(entry: Recorded[Any], request: Request) -> Iterable[Owed]:
    """The team's channel and support handle hear the need, the issue and the timeline; once, then in the thread."""
    event = entry.event
    if event.event_type == "RFHFiled" and event.tracker:
        # It hears with the issue's address, or why there is none.
        return []
    if request.rfh.source in SOURCES_IN_SLACK and request.rfh.set_item and event.event_type == "RFHFiled":
        # It was said in that very channel, and is answered there.
        return []
    if event.event_type in ("RFHIssueOpened", "RFHIssueDelayed") and request.rfh.is_over and not _was_told(request):
        # Nobody is asked any more.
        return []
    if event.event_type != "RFHHandedOver" and _was_told(request):
        if event.event_type == "RFHIssueDelayed":
            return []
        issues = " · ".join(link(url, label) for label, url in request.shown.issues)
        message = rfh_messages.word(request.shown, f":link: The issue: {issues}")
        return rfh_routing.to_thread(request.shown, message, "its issue", place=request.thread)
    return to_team(request, _team_post(request, entry.event), "the team is asked")


def to_team(request: Request, message: Message, what: str) -> Iterable[Owed]:
    """A new message in the team's channel; nowhere to say it is said, too."""
    return rfh_routing.post(
        request.shown,
        message,
        what,
        channel=request.channel,
        default_channel=settings.SLACK_DEFAULT_CHANNEL,
        nowhere=rfh_routing.NO_TEAM,
    )


def of_teams(entries: Entries) -> Entries:
    """Those of requests that a team has or had: a draft is written on as it is typed, and nobody hears."""
    asked = {entry.event.rfh for entry in entries}
    filed = set(RFH.objects.filter(pk__in=asked, filed_at__isnull=False).values_list("pk", flat=True))
    return [entry for entry in entries if entry.event.rfh in filed]


def to_support(request: Request, message: Message, what: str) -> Iterable[Owed]:
    """Support's internal channel, where nobody is accountable who could be told."""
    return rfh_routing.post(
        request.shown,
        message,
        what,
        channel=_teammates_channel(request.rfh),
        default_channel=settings.SLACK_DEFAULT_CHANNEL,
        nowhere=rfh_routing.NO_TEAMMATES,
    )


def note_threads(entries: Sequence[Recorded[NoticeSent]]) -> None:
    """Where Slack has the posts, so that answers and later words find their thread; and they show it as it is now."""
    keys = {entry.event.notice for entry in entries if entry.event.in_summary is None and not entry.event.user}
    notices = Notice.objects.filter(kind=Notice.Kind.MESSAGE, about__startswith="rfh:", thread_ts="").in_bulk(keys)
    if not notices:
        return
    types = _types(notices.values())
    owed = []
    # One after the other in one order, as everywhere where several requests are held.
    for entry in sorted(entries, key=lambda entry: _about(notices.get(entry.event.notice))):
        notice = notices.get(entry.event.notice)
        kind = types.get(notice.event_id, "") if notice else ""
        if notice is None or kind not in POSTS:
            continue
        # Held while it is read: a step that is not over yet cannot see that this was sent.
        rfh = held(_number(notice))
        request = _request(rfh, {})
        if kind == ASKS_TEAMMATES or entry.event.channel == request.channel:
            rfhs.note_thread(
                rfh, of_teammates=kind == ASKS_TEAMMATES, channel=entry.event.channel, thread_ts=entry.event.ts
            )
        notice.slack_ts = entry.event.ts
        fresh = _fresh(notice, kind, request)
        if fresh.blocks != notice.blocks:
            owed.append((entry, fresh))
    services.owe(owed)


def as_now(notices: Iterable[Notice]) -> dict[int, list[dict[str, Any]]]:
    """The blocks of each of the posts that show a request as they would be now, by key; the rest is left out."""
    rows = [row for row in notices if row.kind == Notice.Kind.MESSAGE and _is_post(row)]
    types = _types(rows)
    posts = [row for row in rows if types.get(row.event_id, "") in POSTS]
    requests = RFH.objects.select_related(*RELATED).in_bulk({_number(row) for row in posts})
    return {
        row.pk: _fresh(row, types[row.event_id], _request(requests[_number(row)], {})).blocks
        for row in posts
        if _number(row) in requests
    }


def _requests(entries: Entries) -> dict[tuple[int, Any], Request]:
    rows = RFH.objects.select_related(*RELATED, "customer__account_manager").in_bulk(
        {entry.event.rfh for entry in entries}
    )
    emails = {email for entry in entries for email in involved(rows[entry.event.rfh], entry.event)}
    agents = reachable(emails)
    found = {}
    for entry in entries:
        people = {email: told_as(agent) for email, agent in agents.items() if not did_it(entry.actor, agent)}
        found[entry.event.rfh, entry.id] = _request(rows[entry.event.rfh], people)
    return found


def involved(rfh: RFH, event: Any = None) -> list[str]:
    """Whoever may hear in person: accountable, at work on it, an account manager who follows, or named.

    `event`: also those it is about, and who goes on telling how it goes.
    """
    manager = rfh.customer.account_manager if rfh.customer and rfh.account_manager_follows else None
    named = [getattr(event, name, "") for name in NAMED]
    if event is not None and rfh.teller:
        named.append(rfh.teller.email)
    people = [agent.email for agent in (rfh.accountable, rfh.owner, manager) if agent is not None]
    return [*people, *(email for email in named if email)]


def _request(rfh: RFH, people: dict[str, Told]) -> Request:
    place = reach(rfh.team, rfh.area, rfh.sub_team) if rfh.team else None
    return Request(
        rfh=rfh,
        shown=shown(rfh),
        # What has a handle alone is asked in the default channel.
        channel=usable(place.channel) or usable(settings.SLACK_DEFAULT_CHANNEL) if place else "",
        whom=user_group_mention(place.group) if place and place.group else "",
        people=people,
    )


def shown(rfh: RFH) -> Shown:
    """The request as its messages show it now."""
    issues = list(Issue.objects.filter(rfh=rfh).order_by("pk"))
    waiting = next((issue.error or "it is being made" for issue in issues if not issue.url), "")
    return Shown(
        number=rfh.pk,
        summary=rfh.summary,
        description=rfh.description,
        kind=rfh.get_kind_display(),
        priority=rfh.priority,
        state=rfh.state,
        state_name=rfh.get_state_display(),
        team=rfh.team.name if rfh.team else "",
        ticket=rfh.ticket.number if rfh.ticket else "",
        ticket_url=_page("tickets_ticket", rfh.ticket_id),
        customer=rfh.customer.name if rfh.customer else "",
        level=rfh.get_level_display() if rfh.level else "",
        accountable=str(rfh.accountable) if rfh.accountable else "",
        owner=str(rfh.owner) if rfh.owner else "",
        timeline=rfh.timeline,
        answer=rfh.answer,
        learned=rfh.learned,
        communicator=rfh.communicator.name if rfh.communicator else "",
        issues=tuple((str(issue), issue.url) for issue in issues if issue.url),
        issue_note=f"none yet: {waiting}" if waiting else "",
        missing=tuple(detail.label for detail in rfh.missing),
        url=_page("rfhs_rfh", rfh.pk),
        area_note=rfh.area.note.rstrip(".") if rfh.area else "",
        account_manager=_manager(rfh),
    )


def _manager(rfh: RFH) -> str:
    manager = rfh.customer.account_manager if rfh.customer else None
    if manager is None:
        return ""
    return mention(manager.slack_id) if manager.slack_id else escape(str(manager))


def _page(model: str, key: int | None) -> str:
    """The page's whole address; empty where the portal does not know its own."""
    return f"{settings.BASE_URL}{reverse(f'admin:{model}_change', args=[key])}" if settings.BASE_URL and key else ""


def _team_post(request: Request, event: Any = None) -> Message:
    note = getattr(event, "note", "")
    return rfh_messages.team_post(
        request.shown,
        whom=request.whom,
        note=note,
        incident_channel=request.rfh.incident_channel if note else "",
        buttons=rfh_buttons.rows(request.rfh.pk, request.rfh.state),
    )


def _teammates(one: Shown) -> Message:
    return rfh_messages.teammates(one, buttons=[rfh_buttons.teammates_row(one.number)])


def _shown_anew(entries: Entries, requests: dict[int, Request]) -> list[tuple[Recorded[Any], Owed]]:
    """What Slack shows of the requests, as they are now."""
    streams = {request.rfh.stream: request for request in requests.values()}
    said = Notice.objects.filter(
        about__in=streams, kind=Notice.Kind.MESSAGE, state=Notice.State.SENT, thread_ts="", slack_ts__gt=""
    )
    notices = [notice for notice in said if _is_post(notice)]
    types = _types(notices)
    posts = [notice for notice in notices if types.get(notice.event_id, "") in POSTS]
    # What each shows, or will once Slack has heard.
    updates = Notice.objects.filter(replaces__in=posts).exclude(state=Notice.State.FAILED).order_by("pk")
    now = {notice.pk: notice.blocks for notice in posts} | dict(updates.values_list("replaces", "blocks"))
    last = {entry.event.rfh: entry for entry in entries}
    fresh = ((notice, _fresh(notice, types[notice.event_id], streams[notice.about])) for notice in posts)
    return [(last[_number(notice)], owed) for notice, owed in fresh if owed.blocks != now[notice.pk]]


def _fresh(notice: Notice, kind: str, request: Request) -> Owed:
    """The post of this kind as it would be now, in the place of what was sent."""
    if kind == ASKS_TEAMMATES:
        text, blocks = _teammates(request.shown)
    elif notice.channel == request.channel:
        stored = StoredEvent.objects.filter(event_id=notice.event_id).first() if kind == "RFHHandedOver" else None
        text, blocks = _team_post(request, stored.event if stored else None)
    else:
        # Another team has it now; this one needs no buttons.
        text, blocks = rfh_messages.word(request.shown, f"*{escape(request.shown.team)}* has it now.")
    return in_place_of(notice, text, blocks)


def _was_told(request: Request) -> bool:
    """Whether the team's channel got a post since it was asked."""
    since = request.rfh.handed_over_at or request.rfh.filed_at or request.rfh.opened_at
    said = Notice.objects.filter(
        about=request.rfh.stream, kind=Notice.Kind.MESSAGE, thread_ts="", created_at__gte=since
    ).filter(channel=request.channel)
    return any(kind in TELLS_THE_TEAM for kind in _types(said).values())


def _types(notices: Iterable[Notice]) -> dict[Any, str]:
    keys = {notice.event_id for notice in notices}
    return dict(StoredEvent.objects.filter(event_id__in=keys).values_list("event_id", "type"))


def _is_post(notice: Notice) -> bool:
    """Whether it is a request's message in a channel, outside of threads."""
    return notice.about.startswith("rfh:") and not notice.thread_ts and notice.channel[:1] not in ("U", "W")


def _about(notice: Notice | None) -> int:
    return _number(notice) if notice else 0


def _number(notice: Notice) -> int:
    return int(notice.about.removeprefix("rfh:"))


def _teammates_channel(rfh: RFH) -> str:
    """RFH_TEAMMATES_CHANNEL, else the channel of the support team of who is accountable."""
    if settings.RFH_TEAMMATES_CHANNEL:
        return slack.channel_id(settings.RFH_TEAMMATES_CHANNEL)
    teams = Team.objects.filter(kind=Team.Kind.SUPPORT, channel__isnull=False).select_related("channel")
    team = teams.filter(members=rfh.accountable_id).first() if rfh.accountable_id else None
    return team.channel.slack_id if team and team.channel else ""
