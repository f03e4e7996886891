"""What is owed because of incidents, and how what was said of one follows its state.

The channel of all incidents shows each in a message whose thread tells its story; whoever did something is told what
they did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apps.incidents import services as incidents
from apps.incidents.events import IncidentChanged, IncidentChannelOpened, IncidentDeclared, IncidentUpdated
from apps.incidents.services.writing import held
from apps.integrations.slack import incident_messages
from apps.integrations.slack.incident_messages import ASK, POST, Word
from apps.integrations.slack.text import escape
from apps.notices import incident_routing, services
from apps.notices.events import NoticeSent
from apps.notices.incident_approvals import decided
from apps.notices.incident_owing import owe
from apps.notices.incident_routing import Message
from apps.notices.incident_spoken import Spoken, crash_channel, number_of, one_of, spoken_of
from apps.notices.incident_words import word_of
from apps.notices.models import Notice
from apps.notices.places import Place
from apps.notices.replacing import in_place_of
from apps.notices.routing import Owed
from apps.notices.shifts import did_it, reachable
from apps.people.models import Agent
from apps.trail.reacting import Recorded

Entries = Sequence[Recorded[Any]]
PEOPLE = {"point": "who works on it", "contact": "whom everybody asks", "lead": "who leads"}


def tell(entries: Entries) -> None:
    """Everybody who follows the incidents, and whoever did something, hears; what is shown of them follows."""
    found = spoken_of({entry.event.incident for entry in entries})
    for entry in entries:
        spoken = found[entry.event.incident]
        _keep_up(spoken, entry)
        owe(entry, list(_said(entry, spoken)))


def note_threads(entries: Sequence[Recorded[NoticeSent]]) -> None:
    """Where Slack has the messages that show incidents, so that later words find their thread; and what waits does."""
    by_notice = {each.event.notice: each for each in entries if each.event.in_summary is None and not each.event.user}
    ours = Notice.objects.filter(pk__in=by_notice, about__startswith="incident:", thread_ts="")
    crash = crash_channel()
    # One after the other in one order, as everywhere where several incidents are held.
    for notice in sorted(ours.filter(blocks__0__block_id__in=(POST, ASK)), key=lambda row: (number_of(row), row.pk)):
        entry = by_notice[notice.pk]
        # Held while it is read: a step that is not over yet cannot see that this was sent.
        spoken = one_of(held(number_of(notice)), crash)
        notice.slack_ts = entry.event.ts
        if not incident_messages.is_post(notice.blocks):
            if spoken.incident.awaiting_since is None:
                services.owe([(entry, in_place_of(notice, *decided(spoken)))])
            continue
        if notice.channel == crash:
            _begin_thread(notice, spoken)
        if spoken.post[1] != notice.blocks:
            services.owe([(entry, _anew(notice, spoken))])


def as_now(notices: Iterable[Notice]) -> dict[int, list[dict[str, Any]]]:
    """The blocks of each of the messages that show an incident as they would be now, by key; the rest is left out."""
    posts = [row for row in notices if row.about.startswith("incident:") and incident_messages.is_post(row.blocks)]
    found = spoken_of({number_of(row) for row in posts})
    return {row.pk: found[number_of(row)].post[1] for row in posts if number_of(row) in found}


def _begin_thread(notice: Notice, spoken: Spoken) -> None:
    """What waits for the channel belongs below the message that Slack has taken."""
    channel, ts = notice.channel, notice.slack_ts
    incidents.note_thread(spoken.incident, channel=channel, thread_ts=ts)
    waiting = Notice.objects.filter(
        about=notice.about, channel=channel, thread_ts="", kind=Notice.Kind.MESSAGE, state=Notice.State.WAITING
    )
    # Excluded by key: of blocks that have no such id the database cannot tell that it is another.
    words = waiting.exclude(pk__in=waiting.filter(blocks__0__block_id=POST).values("pk"))
    words.update(thread_ts=ts, recipient=f"{channel}/{ts}")


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
    # Whoever follows the thread of a long one need not go back to its beginning to say how it stands.
    buttons = spoken.next_word if isinstance(event, IncidentUpdated) else []
    message = incident_messages.word(shown, word.said(escape(event.by)), word, buttons=buttons)
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
    return in_place_of(notice, *spoken.post)


def _posts(spoken: Spoken) -> Any:
    return Notice.objects.filter(
        about=spoken.incident.stream, kind=Notice.Kind.MESSAGE, thread_ts="", blocks__0__block_id=POST
    )


def _is_shown(spoken: Spoken) -> bool:
    """Whether the channel of all incidents shows it, or will; a message that many were folded into has no thread."""
    if not spoken.crash or spoken.thread.thread_ts:
        return True
    return bool(_posts(spoken).filter(channel=spoken.crash, state__in=Notice.OPEN).exists())


def _actor(entry: Recorded[Any]) -> str:
    """The Slack id of whoever did it; empty where they have none, or are an integration."""
    if entry.actor.kind == "slack":
        return entry.actor.id
    found = reachable([entry.event.email]) if entry.event.email else {}
    return next((agent.slack_id or "" for agent in found.values()), "")
