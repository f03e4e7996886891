"""What Slack's channels look like, from what came in and what is owed: for the demo, where Slack is not connected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from apps.dashboard.blockkit import Piece, Reader, attachment_pieces, mrkdwn, pieces
from apps.dashboard.slack_payloads import BOT_USER
from apps.integrations.slack import duty, topics
from apps.integrations.slack.incident_messages import is_post
from apps.integrations.slack.models import Followed, SlackEvent, SlackMessage, WatchedChannel
from apps.integrations.slack.services import WOULD_SHOW
from apps.notices import incidents, paging, rfhs
from apps.notices.models import Notice
from apps.people.models import Agent, Channel, Team, UserGroup
from apps.tickets.models import Ticket

BOT = "SupportOps"
# Somebody in Slack whom the portal does not know: nothing moves for them.
STRANGER = "U0STRANGER"
THREADS, SAID = 20, 400
MODAL_STAYS = timedelta(minutes=30)
STATES = {
    Notice.State.WAITING: "waits to be sent",
    Notice.State.SENDING: "being sent",
    Notice.State.UNSURE: "perhaps sent",
    Notice.State.FOLDED: "said in a summary",
    Notice.State.OUTDATED: "not sent: no longer true",
    Notice.State.FAILED: "could not be sent",
}


@dataclass(frozen=True)
class Person:
    """Somebody one can be in the preview."""

    slack_id: str
    name: str


@dataclass(frozen=True)
class Message:
    """One message as it is shown; `key` names it on the page, `ts` in Slack."""

    key: str
    author: str
    at: datetime
    pieces: tuple[Piece, ...]
    ts: str = ""
    is_bot: bool = False
    is_app: bool = False
    is_private: bool = False
    # Slack told us of it, so its menu can be opened here.
    can_be_chosen: bool = False
    remark: str = ""

    @property
    def initial(self) -> str:
        return self.author[:1].upper()


@dataclass(frozen=True)
class Direct:
    """The bot's direct messages to one person: no channel, and nobody else reads them."""

    slack_id: str
    is_direct: bool = True

    def __str__(self) -> str:
        return "Direct messages to you"


@dataclass
class Thread:
    """A message in the channel with the replies under it, and the ticket it is about."""

    ts: str
    root: Message | None
    ticket: Ticket | None
    replies: list[Message] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.ts.replace(".", "-")


def people() -> list[Person]:
    """Everybody one can be: the agents Slack knows, and a stranger."""
    agents = Agent.objects.filter(is_active=True, slack_id__isnull=False).order_by("first_name", "last_name", "pk")
    return [
        *(Person(str(agent.slack_id), str(agent)) for agent in agents),
        Person(STRANGER, "Somebody the portal does not know"),
    ]


def teams_to_page() -> list[Team]:
    """The teams somebody is on duty for."""
    return list(Team.objects.filter(rotations__archived_at=None, rotations__isnull=False).distinct())


def channels(*, viewer: str) -> list[Channel | Direct]:
    """The watched channels first, then others that something is owed to, and the viewer's own direct messages.

    Of the watched ones those come first that read the usual forms: the first is what the page opens on.
    """
    watches = WatchedChannel.objects.filter(enabled=True).select_related("channel").order_by("channel__name")
    watched = [watch.channel for watch in sorted(watches, key=lambda watch: bool(watch.pattern))]
    ids = {channel.slack_id for channel in watched}
    owed = set(Notice.objects.order_by().values_list("channel", flat=True).distinct()[:50]) - ids - {viewer}
    others = Channel.objects.filter(slack_id__in=owed).order_by("name", "slack_id")
    direct = Notice.objects.filter(channel=viewer).exists()
    return [*watched, *others, *([Direct(viewer)] if direct else [])]


def topic(channel: str, *, now: datetime) -> str:
    """What the channel’s topic would say of who is on duty and what is broken; empty where that is nothing."""
    wanted = (each for each in duty.wanted(now) if each.kind == Followed.Kind.TOPIC and each.place == channel)
    return topics.drawn(next((each.value for each in wanted), ""))


def reads_its_own_pattern(channel: str) -> bool:
    """Whether tickets of the usual forms are not understood there."""
    return WatchedChannel.objects.filter(enabled=True, channel__slack_id=channel).exclude(pattern="").exists()


def reader(*, now: datetime) -> Reader:
    """What Slack's ids are called here, and the viewer's zone."""
    agents = Agent.objects.filter(slack_id__isnull=False)
    return Reader(
        zone=timezone.get_current_timezone(),
        now=now,
        users={
            **{str(agent.slack_id): str(agent) for agent in agents},
            BOT_USER: BOT,
            STRANGER: "Somebody",
        },
        channels=dict(Channel.objects.exclude(name="").values_list("slack_id", "name")),
        groups=dict(UserGroup.objects.values_list("slack_id", "handle")),
    )


def threads(channel: str, *, viewer: str, now: datetime) -> list[Thread]:
    """The channel's newest threads, oldest first as Slack shows them; private answers only to `viewer`."""
    names = reader(now=now)
    posted = list(SlackMessage.objects.filter(channel=channel).order_by("-ts")[:THREADS])
    notices = list(
        Notice.objects.filter(channel=channel)
        .exclude(kind=Notice.Kind.UPDATE)
        .filter(~Q(kind=Notice.Kind.PRIVATE) | Q(user=viewer))
        .order_by("-created_at", "-pk")[:SAID]
    )
    mentions = list(
        SlackEvent.objects.filter(kind="app_mention", payload__event__channel=channel).order_by("-received_at")[:SAID]
    )
    found: dict[str, Thread] = {}
    for seen in posted:
        found[seen.ts] = Thread(seen.ts, _posted(seen, names), None)
    # A page's message follows the page also while nothing is sent, and a request's post its request.
    fresh = {key: owed.blocks for key, owed in paging.as_now(notices).items()}
    fresh |= rfhs.as_now(notices) | incidents.as_now(notices)
    # An incident's words belong below its message; while nothing is sent neither has a place in Slack.
    below: dict[str, str] = {}
    for notice in reversed(notices):
        said = _owed(notice, fresh.get(notice.pk, notice.blocks), names)
        key = notice.slack_ts or ts_of(notice.created_at)
        if is_post(notice.blocks) and channel.startswith(("C", "G")):
            below.setdefault(notice.about, key)
        elif under := notice.thread_ts or ("" if notice.slack_ts else below.get(notice.about, "")):
            found.setdefault(under, Thread(under, None, None)).replies.append(said)
            continue
        found[key] = Thread(key, said, None)
    for mentioned in mentions:
        inner = mentioned.payload["event"]
        thread_ts = str(inner.get("thread_ts") or inner.get("ts"))
        found.setdefault(thread_ts, Thread(thread_ts, None, None)).replies.append(_mention(mentioned, names))
    newest = sorted(found.values(), key=_newest)[-THREADS:]
    _name_tickets(channel, newest)
    for thread in newest:
        thread.replies.sort(key=lambda message: message.at)
    return newest


@dataclass(frozen=True)
class Opened:
    """A modal Slack would have shown to somebody."""

    pk: int
    view: dict[str, Any]

    @property
    def title(self) -> str:
        return str((self.view.get("title") or {}).get("text") or "A form")

    @property
    def view_id(self) -> str:
        return f"VPREVIEW{self.pk}"


def modal(viewer: str, *, now: datetime, done: Iterable[int] = (), pk: int | None = None) -> Opened | None:
    """The modal that opened for `viewer` last, or the one of this key; gone once it is `done` with, or too old."""
    shown = SlackEvent.objects.filter(
        Q(payload__user_id=viewer) | Q(payload__user__id=viewer),
        payload__has_key=WOULD_SHOW,
        received_at__gt=now - MODAL_STAYS,
    )
    if pk is not None:
        shown = shown.filter(pk=pk)
    event = shown.order_by("-received_at", "-pk").first()
    return Opened(event.pk, event.payload[WOULD_SHOW]) if event and event.pk not in set(done) else None


def message_at(channel: str, ts: str) -> dict[str, Any] | None:
    """The message as Slack told of it; None when it was not seen."""
    seen = SlackMessage.objects.filter(channel=channel, ts=ts).first()
    return {**seen.payload, "ts": ts} if seen else None


def _newest(thread: Thread) -> str:
    return thread.ts


def _name_tickets(channel: str, found: Iterable[Thread]) -> None:
    by_thread = {
        ticket.thread_ts: ticket
        for ticket in Ticket.objects.filter(channel=channel, thread_ts__in=[thread.ts for thread in found])
    }
    for thread in found:
        thread.ticket = by_thread.get(thread.ts)


def _posted(seen: SlackMessage, names: Reader) -> Message:
    payload = seen.payload
    shown = [*_text(payload.get("text"), names), *pieces(payload.get("blocks"), names)]
    shown.extend(attachment_pieces(payload.get("attachments"), names))
    user = str(payload.get("user") or "")
    remark = "" if seen.outcome == SlackMessage.Outcome.TICKET else str(seen.get_outcome_display())
    if seen.reason:
        remark = f"{remark}: {seen.reason}"
    return Message(
        key=f"seen-{seen.pk}",
        author=names.users.get(user) or str(payload.get("username") or "") or "An app",
        at=instant(seen.ts) or seen.seen_at,
        pieces=tuple(shown),
        ts=seen.ts,
        is_app=not user,
        can_be_chosen=True,
        remark=remark,
    )


def _owed(notice: Notice, blocks: list[dict[str, Any]], names: Reader) -> Message:
    shown = pieces(blocks, names) or list(_text(notice.text, names))
    return Message(
        key=f"notice-{notice.pk}",
        author=BOT,
        at=notice.sent_at or notice.created_at,
        pieces=tuple(shown),
        ts=notice.slack_ts or ts_of(notice.created_at),
        is_bot=True,
        is_private=notice.kind == Notice.Kind.PRIVATE,
        remark=STATES.get(Notice.State(notice.state), ""),
    )


def _mention(said: SlackEvent, names: Reader) -> Message:
    inner = said.payload["event"]
    user = str(inner.get("user") or "")
    return Message(
        key=f"said-{said.pk}",
        author=names.users.get(user, user or "Somebody"),
        at=instant(str(inner.get("ts"))) or said.received_at,
        pieces=_text(inner.get("text"), names),
        ts=str(inner.get("ts")),
    )


def _text(text: object, names: Reader) -> tuple[Piece, ...]:
    return (Piece("section", html=mrkdwn(text, names)),) if isinstance(text, str) and text else ()


def instant(ts: str) -> datetime | None:
    """When a message was posted: Slack's `ts` is Unix time."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def ts_of(at: datetime) -> str:
    """`at` as Slack writes it."""
    return f"{at.timestamp():.6f}"


def next_number() -> str:
    """A number no ticket has: one more than the newest ticket's, when that is a number at all."""
    newest = Ticket.objects.order_by("-pk").values_list("number", flat=True).first() or "4710"
    number = int(newest) + 1 if newest.isdecimal() and len(newest) < 18 else 4711
    while Ticket.objects.filter(number=str(number)).exists():
        number += 1
    return str(number)
