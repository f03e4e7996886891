"""What is owed because of incidents, and how what was said of one follows its state.

The channel of all incidents shows each in a message whose thread tells its story; whoever did something is told what
they did. What one action does is one message at each place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from apps.incidents import services as incidents
from apps.incidents.events import IncidentChanged, IncidentChannelOpened, IncidentDeclared, PublicationWanted
from apps.incidents.models import Component, Incident, Update
from apps.incidents.selectors import RELATED, affected, publishers
from apps.incidents.services.writing import held
from apps.integrations.slack import incident_buttons, incident_messages
from apps.integrations.slack import selectors as slack
from apps.integrations.slack.incident_messages import POST, Shown, Word
from apps.integrations.slack.text import escape, mention
from apps.notices import incident_routing, services
from apps.notices.events import NoticeSent
from apps.notices.incident_routing import Message, Place
from apps.notices.incident_words import PUBLIC, word_of
from apps.notices.models import Notice
from apps.notices.routing import UPDATE, Owed, usable
from apps.notices.shifts import did_it, reachable
from apps.people.models import Agent
from apps.trail.models import Link
from apps.trail.reacting import Recorded

Entries = Sequence[Recorded[Any]]
Due = list[tuple[Recorded[Any], Owed]]
PEOPLE = {"point": "who works on it", "contact": "whom everybody asks", "lead": "who leads"}
SETTLES = ("IncidentPublished", "PublicationDeclined", "IncidentUnpublished", "IncidentInvalidated")


@dataclass(frozen=True)
class Spoken:
    """An incident as its messages show it, and where it is spoken of. `crash`: the channel of all incidents."""

    incident: Incident
    shown: Shown
    crash: str

    @property
    def post(self) -> Message:
        """The message that shows it as it is now, with what can be done about it."""
        return incident_messages.post(self.shown, buttons=self.buttons)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        incident = self.incident
        return incident_buttons.rows(
            incident.pk,
            over=incident.is_over,
            acknowledged=incident.acknowledged_at is not None,
            channel=bool(incident.slack_channel or incident.channel_asked_at),
        )

    @property
    def thread(self) -> Place:
        """Its thread in the channel of all incidents, once Slack has taken its message there."""
        here = self.incident.thread_channel == self.crash
        return Place(self.crash, self.incident.thread_ts if here else "")


def tell(entries: Entries) -> None:
    """Everybody who follows the incidents, and whoever did something, hears; what is shown of them follows."""
    found = _spoken({entry.event.incident for entry in entries})
    for entry in entries:
        spoken = found[entry.event.incident]
        _keep_up(spoken, entry)
        _owe(entry, list(_said(entry, spoken)))


def ask_for_approval(entries: Sequence[Recorded[PublicationWanted]]) -> None:
    """Everybody who may publish hears that something waits, in person."""
    found = _spoken({entry.event.incident for entry in entries})
    for entry in entries:
        spoken, event = found[entry.event.incident], entry.event
        quotes = [(PUBLIC, event.public_text)] if event.public_text else []
        word = Word(":hourglass:", "asks you to publish what is new of it.", "waits for your approval", quotes)
        message = incident_messages.word(spoken.shown, word.said(escape(event.by)), word)
        _owe(
            entry,
            [
                incident_routing.to(Place(agent.slack_id or ""), spoken.shown, message, word.what)
                for agent in publishers()
                if agent.slack_id and not did_it(entry.actor, agent)
            ],
        )


def tell_who_asked(entries: Entries) -> None:
    """Whoever wrote what waited hears what became of it, unless they decided it themselves."""
    found = _spoken({entry.event.incident for entry in entries})
    for entry in entries:
        spoken = found[entry.event.incident]
        word = word_of(entry, spoken.incident)
        if word is None:
            continue
        message = incident_messages.word(spoken.shown, word.said(escape(entry.event.by)), word)
        _owe(
            entry,
            [
                incident_routing.to(Place(agent.slack_id or ""), spoken.shown, message, word.what)
                for agent in reachable(_who_asked(entry)).values()
                if not did_it(entry.actor, agent) and agent.email != entry.event.email
            ],
        )


def note_threads(entries: Sequence[Recorded[NoticeSent]]) -> None:
    """Where Slack has the messages that show incidents, so that later words find their thread; and what waits does."""
    keys = {entry.event.notice for entry in entries if entry.event.in_summary is None and not entry.event.user}
    posts = Notice.objects.filter(pk__in=keys, about__startswith="incident:", thread_ts="", blocks__0__block_id=POST)
    notices = posts.in_bulk()
    crash = _crash()
    # One after the other in one order, as everywhere where several incidents are held.
    for notice in sorted(notices.values(), key=lambda notice: (_number(notice), notice.pk)):
        entry = next(entry for entry in entries if entry.event.notice == notice.pk)
        # Held while it is read: a step that is not over yet cannot see that this was sent.
        spoken = _one(held(_number(notice)), crash)
        ts = entry.event.ts
        if notice.channel == crash:
            incidents.note_thread(spoken.incident, channel=crash, thread_ts=ts)
            waiting = Notice.objects.filter(
                about=notice.about, channel=crash, thread_ts="", kind=Notice.Kind.MESSAGE, state=Notice.State.WAITING
            )
            # Excluded by key: of blocks that have no such id the database cannot tell that it is another.
            words = waiting.exclude(pk__in=waiting.filter(blocks__0__block_id=POST).values("pk"))
            words.update(thread_ts=ts, recipient=f"{crash}/{ts}")
        notice.slack_ts = ts
        if spoken.post[1] != notice.blocks:
            services.owe([(entry, _anew(notice, spoken))])


def as_now(notices: Iterable[Notice]) -> dict[int, list[dict[str, Any]]]:
    """The blocks of each of the messages that show an incident as they would be now, by key; the rest is left out."""
    posts = [row for row in notices if row.about.startswith("incident:") and incident_messages.is_post(row.blocks)]
    found = _spoken({_number(row) for row in posts})
    return {row.pk: found[_number(row)].post[1] for row in posts if _number(row) in found}


def _said(entry: Recorded[Any], spoken: Spoken) -> Iterable[Owed]:
    event, shown = entry.event, spoken.shown
    actor = _actor(entry)
    if isinstance(event, IncidentDeclared):
        yield _to_crash(spoken, spoken.post)
        if actor:
            yield incident_routing.to(Place(actor), shown, spoken.post, "you declared it")
        yield from _named(entry, spoken, PEOPLE)
        return
    word = word_of(entry, spoken.incident)
    if word is None:
        return
    message = incident_messages.word(shown, word.said(escape(event.by)), word)
    if _is_shown(spoken):
        if spoken.crash:
            yield incident_routing.to(spoken.thread, shown, message, word.what)
    else:
        # It was declared before there was a channel, or when many messages had to be said in one.
        yield _to_crash(spoken, spoken.post)
    if isinstance(event, IncidentChannelOpened):
        # Who comes in sees first what it is about.
        yield incident_routing.to(Place(event.channel), shown, spoken.post, "it is spoken of here")
    elif spoken.incident.slack_channel:
        yield incident_routing.to(Place(spoken.incident.slack_channel), shown, message, word.what)
    if actor:
        mine = incident_messages.word(shown, word.said("You"), word)
        yield incident_routing.to(Place(actor), shown, mine, word.what)
    if isinstance(event, IncidentChanged):
        yield from _named(entry, spoken, [name for name in PEOPLE if name in event.changes])


def _to_crash(spoken: Spoken, message: Message) -> Owed:
    return incident_routing.to(Place(spoken.crash), spoken.shown, message, spoken.shown.status_name.lower())


def _named(entry: Recorded[Any], spoken: Spoken, roles: Iterable[str]) -> Iterable[Owed]:
    """Those who have a role in it now hear which; whoever took one knows."""
    agents: dict[Agent, list[str]] = {}
    for role in roles:
        agent = getattr(spoken.incident, role)
        if agent is not None and agent.is_active and agent.slack_id and not did_it(entry.actor, agent):
            agents.setdefault(agent, []).append(role)
    for agent, theirs in agents.items():
        if agent.email == entry.event.email:
            continue
        called = " and ".join(f"its *{role}*, {PEOPLE[role]}" for role in theirs)
        word = Word(":point_right:", f"are {called}.", "yours")
        message = incident_messages.word(spoken.shown, word.said("You"), word, buttons=spoken.buttons)
        yield incident_routing.to(Place(agent.slack_id or ""), spoken.shown, message, f"you are its {theirs[0]}")


def _owe(entry: Recorded[Any], said: Sequence[Owed]) -> None:
    """What is said is owed; where a message of the same action waits for the same place, that one says it too."""
    waiting = {
        notice.recipient: notice
        for notice in Notice.objects.filter(
            about__in=[one.about for one in said],
            kind=Notice.Kind.MESSAGE,
            state=Notice.State.WAITING,
            # One action has one now.
            created_at=entry.occurred_at,
        ).order_by("-pk")
    }
    owed: Due = []
    for one in said:
        earlier = waiting.get(one.recipient)
        if earlier is None or incident_messages.is_post(one.blocks) or not _joins(earlier, one):
            owed.append((entry, one))
    services.owe(owed)


def _joins(earlier: Notice, one: Owed) -> bool:
    """Whether the message that waits says it from now on; not once it is on its way."""
    if incident_messages.is_post(earlier.blocks):
        # It shows the incident as it is.
        return Notice.objects.filter(pk=earlier.pk, state=Notice.State.WAITING).exists()
    text, blocks = incident_messages.together((earlier.text, earlier.blocks), (one.text, one.blocks))
    changed = Notice.objects.filter(pk=earlier.pk, state=Notice.State.WAITING).update(text=text, blocks=blocks)
    return bool(changed)


def _keep_up(spoken: Spoken, entry: Recorded[Any]) -> None:
    """What Slack shows of the incident, or will once it hears, is as it is now."""
    text, blocks = spoken.post
    posts = _posts(spoken)
    posts.filter(state=Notice.State.WAITING).update(text=text, blocks=blocks)
    sent = list(posts.filter(state=Notice.State.SENT, slack_ts__gt=""))
    updates = Notice.objects.filter(replaces__in=sent).exclude(state=Notice.State.FAILED).order_by("pk")
    now = {notice.pk: notice.blocks for notice in sent} | dict(updates.values_list("replaces", "blocks"))
    services.owe([(entry, _anew(notice, spoken)) for notice in sent if blocks != now[notice.pk]])


def _anew(notice: Notice, spoken: Spoken) -> Owed:
    text, blocks = spoken.post
    return Owed(
        recipient=f"{notice.recipient}/{notice.slack_ts}",
        kind=UPDATE,
        about=notice.about,
        summary=notice.summary,
        channel=notice.channel,
        text=text,
        blocks=blocks,
        replaces=notice.pk,
    )


def _posts(spoken: Spoken) -> Any:
    return Notice.objects.filter(
        about=spoken.incident.stream, kind=Notice.Kind.MESSAGE, thread_ts="", blocks__0__block_id=POST
    )


def _is_shown(spoken: Spoken) -> bool:
    """Whether the channel of all incidents shows it, or will; a message that many were folded into has no thread."""
    if not spoken.crash or spoken.thread.thread_ts:
        return True
    return bool(_posts(spoken).filter(channel=spoken.crash, state__in=Notice.OPEN).exists())


def _who_asked(entry: Recorded[Any]) -> list[str]:
    """The emails of those whose words waited until this event."""
    asked: list[str] = []
    links = Link.objects.filter(stream=f"incident:{entry.event.incident}", event__position__lt=entry.position)
    kinds = ("PublicationWanted", *SETTLES)
    for link in links.filter(event__type__in=kinds).select_related("event").order_by("-event__position")[:50]:
        if link.event.type != "PublicationWanted":
            break
        asked.append(str(link.event.payload.get("email") or ""))
    return list(dict.fromkeys(email for email in asked if email))


def _actor(entry: Recorded[Any]) -> str:
    """The Slack id of whoever did it; empty where they have none, or are an integration."""
    if entry.actor.kind == "slack":
        return entry.actor.id
    found = reachable([entry.event.email]) if entry.event.email else {}
    return next((agent.slack_id or "" for agent in found.values()), "")


def _spoken(numbers: Iterable[int]) -> dict[int, Spoken]:
    wanted = set(numbers)
    if not wanted:
        return {}
    crash = _crash()
    rows = Incident.objects.select_related(*RELATED).in_bulk(wanted)
    return {key: _one(row, crash) for key, row in rows.items()}


def _one(incident: Incident, crash: str) -> Spoken:
    return Spoken(incident=incident, shown=shown(incident), crash=crash)


def _crash() -> str:
    return usable(slack.incidents_channel()) or usable(settings.SLACK_DEFAULT_CHANNEL)


def shown(incident: Incident) -> Shown:
    """The incident as its messages show it now."""
    well = Component.Status.OPERATIONAL
    touched = affected(incident).items()
    updates = Update.objects.filter(incident=incident)
    public = updates.filter(published_at__isnull=False).exclude(public_text="").order_by("-position").first()
    note = updates.exclude(internal_note="").order_by("-position").first()
    tickets = [(f"ticket {each.number}", page_address("tickets_ticket", each.pk)) for each in incident.tickets.all()]
    rfhs = [(str(each), page_address("rfhs_rfh", each.pk)) for each in incident.rfhs.all()]
    return Shown(
        number=incident.number,
        key=incident.pk,
        title=incident.title,
        severity=incident.severity,
        level=incident.level,
        status=incident.status,
        status_name=incident.get_status_display(),
        reported_at=incident.reported_at,
        over=incident.is_over,
        closed_at=incident.closed_at,
        acknowledged_by=incident.acknowledged_by if incident.acknowledged_at else "",
        description=incident.description,
        point=_markup(incident.point),
        contact=_markup(incident.contact),
        lead=_markup(incident.lead),
        components=tuple(
            (each.name, change.get_status_display())
            for each, change in touched
            if incident.is_over or change.status != well
        ),
        about=(*tickets, *rfhs),
        public=incident.is_public,
        waits=incident.awaiting_since is not None,
        public_text=public.public_text if public else "",
        note=note.internal_note if note else "",
        url=page_address("incidents_incident", incident.pk),
        rca=incident.rca_url,
        channel=incident.slack_channel,
    )


def _markup(agent: Agent | None) -> str:
    if agent is None:
        return ""
    return mention(agent.slack_id) if agent.slack_id else escape(str(agent))


def page_address(model: str, key: int) -> str:
    """The page's whole address; empty where the portal does not know its own."""
    try:
        return f"{settings.BASE_URL}{reverse(f'admin:{model}_change', args=[key])}" if settings.BASE_URL else ""
    except NoReverseMatch:
        return ""


def _number(notice: Notice) -> int:
    return int(notice.about.removeprefix("incident:"))
