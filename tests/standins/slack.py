"""A Slack Web API on loopback that keeps what it is told, and can refuse, limit, stall, drop and lie.

    with StandInSlack() as slack:
        slack.add_channel("C0SUPPORT", "support")
        WebClient("xoxb-standin", base_url=slack.api_url).chat_postMessage(channel="C0SUPPORT", text="hi")
        slack.rate_limit("chat.postMessage", seconds=2, times=1)

By hand: `python -m tests.standins.slack --port 9001`, and SLACK_API_URL=http://127.0.0.1:9001/api/.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.standins.server import Heard, LoopbackServer, Say
from tests.standins.slack_payloads import BOT, BOT_USER, TEAM, TICKET_BOT, signed
from tests.standins.slack_rules import (
    Refused,
    between,
    checked_blocks,
    checked_view,
    content,
    is_true,
    order,
    page_of,
    shown,
)

__all__ = ["Call", "Fault", "StandInSlack", "signed"]

# What Slack says is needed of an app that lacks it.
NEEDED = {
    "conversations.create": "channels:manage",
    "conversations.info": "channels:read,groups:read,mpim:read,im:read",
    "conversations.setTopic": "channels:write.topic,groups:write.topic",
    "usergroups.users.update": "usergroups:write",
}


@dataclass(frozen=True)
class Call:
    """One call as it came in; `at` is Unix time."""

    method: str
    args: dict[str, Any]
    at: float
    token: str
    verb: str

    @property
    def channel(self) -> str:
        return str(self.args.get("channel") or "")


@dataclass
class Fault:
    """What is done wrong to calls; `times` is how often still (None: always), `hits` how often so far."""

    kind: str
    method: str
    channel: str | None
    times: int | None
    error: str = ""
    seconds: float = 0.0
    status: int = 200
    hits: int = 0

    def fits(self, call: Call) -> bool:
        return (
            self.times != 0
            and self.method in ("*", call.method)
            and (self.channel is None or self.channel == call.channel)
        )


@dataclass
class Channel:
    id: str
    name: str
    is_im: bool = False
    topic: str = ""
    members: list[str] = field(default_factory=list)
    archived: bool = False
    creator: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)


class StandInSlack(LoopbackServer):
    """See the module. Every public method may be called from any thread while it serves."""

    def __init__(self, port: int = 0, *, strict_channels: bool = False) -> None:
        """With `strict_channels` an unknown channel is refused; else it is made when first named."""
        self._strict = strict_channels
        self._change = threading.Condition(threading.RLock())
        self.reset()
        super().__init__(port)

    @property
    def api_url(self) -> str:
        """For `WebClient(base_url=…)`."""
        return f"{self.address}/api/"

    def reset(self) -> None:
        """Forgets everything: calls, channels, people, faults."""
        with self._change:
            self.calls: list[Call] = []
            self.faults: list[Fault] = []
            self.channels: dict[str, Channel] = {}
            self.users: dict[str, dict[str, Any]] = {}
            self.user_groups: dict[str, dict[str, Any]] = {}
            self.ephemerals: list[dict[str, Any]] = []
            self.views: list[dict[str, Any]] = []
            self.homes: dict[str, dict[str, Any]] = {}
            self.too_fast = 0
            self._interval = 0.0
            self._tolerance = 0.0
            self._seconds: Callable[[], float] = time.monotonic
            self._last_post: dict[str, float] = {}
            self._last_ts = 0
            self._tokens: frozenset[str] | None = None
            self._used_triggers: set[str] = set()
            self.add_user(BOT_USER, "supportops", is_bot=True)

    # The world behind the API.

    def add_channel(self, id: str, name: str, *, members: Iterable[str] = (), is_im: bool = False) -> Channel:
        with self._change:
            return self.channels.setdefault(id, Channel(id, name, is_im=is_im, members=list(members)))

    def add_user(self, id: str, name: str, *, email: str = "", tz: str = "UTC", is_bot: bool = False) -> None:
        profile = {"display_name": name, "real_name": name, "email": email or f"{name}@example.com"}
        with self._change:
            self.users[id] = {
                "id": id,
                "team_id": TEAM,
                "name": name,
                "real_name": name,
                "deleted": False,
                "tz": tz,
                "is_bot": is_bot,
                "profile": profile,
            }

    def add_user_group(self, id: str, handle: str, users: Iterable[str] = ()) -> None:
        with self._change:
            self.user_groups[id] = {
                "id": id,
                "handle": handle,
                "name": handle,
                "date_delete": 0,
                "users": list(users),
            }

    def say(
        self,
        channel: str,
        text: str = "",
        *,
        user: str = "U0CUSTOMER",
        thread_ts: str | None = None,
        at: float | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Somebody's message appears in the channel; `at` puts it into the past. Returns the message."""
        message = {"type": "message", "user": user, "text": text, **more}
        return self._store(self._channel(channel), message, thread_ts, at)

    def announce(
        self, channel: str, attachments: list[dict[str, Any]], *, at: float | None = None, **more: Any
    ) -> dict[str, Any]:
        """A ticket message of the help desk's app appears in the channel. Returns the message."""
        message = {"type": "message", "subtype": "bot_message", "bot_id": TICKET_BOT, "text": "", **more}
        return self._store(self._channel(channel), message | {"attachments": attachments}, None, at)

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """What stands in the channel and its threads, oldest first."""
        with self._change:
            return list(self.channels[channel].messages) if channel in self.channels else []

    def thread(self, channel: str, ts: str) -> list[dict[str, Any]]:
        """The replies under the message `ts`, oldest first."""
        return [m for m in self.messages(channel) if m.get("thread_ts") == ts and m["ts"] != ts]

    def posted(self, channel: str | None = None) -> list[dict[str, Any]]:
        """What was posted through the API, in all channels or in one, oldest first."""
        with self._change:
            wanted = list(self.channels) if channel is None else [channel]
            found = [m for name in wanted for m in self.messages(name) if m.get("bot_id") == BOT]
        return sorted(found, key=lambda m: order(m["ts"]))

    def calls_of(self, method: str) -> list[Call]:
        with self._change:
            return [call for call in self.calls if call.method == method]

    def wait_until(self, happened: Callable[[StandInSlack], bool], seconds: float = 5.0) -> bool:
        """Waits until `happened(self)`, looked at after every call; False when the time is over."""
        with self._change:
            return self._change.wait_for(lambda: happened(self), seconds)

    # Faults. `method` may be "*"; `times=None` is for ever; the Fault returned counts its hits.

    def refuse(self, method: str, error: str, *, channel: str | None = None, times: int | None = None) -> Fault:
        """`ok: false` with this error; nothing is done."""
        return self._add(Fault("refuse", method, channel, times, error=error))

    def rate_limit(self, method: str, seconds: float, times: int | None = 1, *, channel: str | None = None) -> Fault:
        """429 with Retry-After; nothing is done."""
        return self._add(Fault("rate_limit", method, channel, times, seconds=seconds))

    def stall(self, method: str, seconds: float, *, channel: str | None = None, times: int | None = None) -> Fault:
        """Sits on the call first, then does the work and answers."""
        return self._add(Fault("stall", method, channel, times, seconds=seconds))

    def drop_before(self, method: str, *, channel: str | None = None, times: int | None = 1) -> Fault:
        """Closes the connection without an answer; nothing is done."""
        return self._add(Fault("drop_before", method, channel, times))

    def drop_after(self, method: str, *, channel: str | None = None, times: int | None = 1) -> Fault:
        """Does the work, then closes the connection without an answer."""
        return self._add(Fault("drop_after", method, channel, times))

    def lie(self, method: str, *, channel: str | None = None, times: int | None = 1) -> Fault:
        """Does the work, then answers `fatal_error`."""
        return self._add(Fault("lie", method, channel, times))

    def fail(self, method: str, status: int = 500, *, channel: str | None = None, times: int | None = None) -> Fault:
        """A 5xx without a body of Slack's; nothing is done."""
        return self._add(Fault("fail", method, channel, times, status=status))

    def answer_html(self, method: str, *, channel: str | None = None, times: int | None = None) -> Fault:
        """200 with a page of HTML, as a proxy says it; nothing is done."""
        return self._add(Fault("html", method, channel, times))

    def heal(self) -> None:
        """No more faults and no more limit a channel."""
        with self._change:
            self.faults.clear()
            self._interval = 0.0

    def one_message_a_second(
        self, interval: float = 1.0, tolerance: float = 0.05, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """From now, posts to one channel closer than this by that clock get 429 and are counted in `too_fast`."""
        with self._change:
            self._interval, self._tolerance, self._seconds = interval, tolerance, seconds

    def accept_only(self, *tokens: str) -> None:
        """From now any other token is `invalid_auth`."""
        with self._change:
            self._tokens = frozenset(tokens)

    # Answering.

    def hear(self, heard: Heard) -> Say:
        call = _call(heard)
        with self._change:
            self.calls.append(call)
            faults = [fault for fault in self.faults if fault.fits(call)]
            for fault in faults:
                fault.hits += 1
                fault.times = None if fault.times is None else fault.times - 1
            self._change.notify_all()
        kinds = {fault.kind: fault for fault in faults}
        if stalled := kinds.get("stall"):
            self.closing.wait(stalled.seconds)
        if "drop_before" in kinds:
            return Say(drop=True)
        if failing := kinds.get("fail"):
            return Say(failing.status, b"upstream error", "text/plain")
        if "html" in kinds:
            return Say(200, b"<html><body>Maintenance</body></html>", "text/html")
        if limited := kinds.get("rate_limit"):
            return _too_many(limited.seconds)
        if refused := kinds.get("refuse"):
            needed = {"needed": NEEDED.get(call.method, "chat:write")} if refused.error == "missing_scope" else {}
            return _json({"ok": False, "error": refused.error, **needed})
        with self._change:
            say = self._work(call)
            self._change.notify_all()
        if "drop_after" in kinds:
            return Say(drop=True)
        return _json({"ok": False, "error": "fatal_error"}) if "lie" in kinds else say

    def _work(self, call: Call) -> Say:
        try:
            if not call.token:
                raise Refused("not_authed")
            if self._tokens is not None and call.token not in self._tokens:
                raise Refused("invalid_auth")
            work = _METHODS.get(call.method)
            if work is None:
                raise Refused("unknown_method")
            if call.method == "chat.postMessage" and self._interval:
                now = self._seconds()
                last = self._last_post.get(call.channel)
                if last is not None and now - last < self._interval - self._tolerance:
                    self.too_fast += 1
                    return _too_many(self._interval)
                self._last_post[call.channel] = now
            return _json({"ok": True} | work(self, call.args))
        except Refused as refusal:
            return _json({"ok": False, "error": str(refusal)})

    def _add(self, fault: Fault) -> Fault:
        with self._change:
            self.faults.append(fault)
        return fault

    def _channel(self, id: Any) -> Channel:
        name = str(id or "")
        with self._change:
            if name.startswith(("U", "W")) and name in self.users:
                return self.add_channel(f"D{name[1:]}", name, is_im=True)
            for channel in self.channels.values():
                if name in (channel.id, f"#{channel.name}"):
                    return channel
            if not name or self._strict:
                raise Refused("channel_not_found")
            return self.add_channel(name, name.lower())

    def _store(
        self, channel: Channel, message: dict[str, Any], thread_ts: Any, at: float | None = None
    ) -> dict[str, Any]:
        with self._change:
            moment = int((time.time() if at is None else at) * 1_000_000)
            if at is None:
                moment = self._last_ts = max(moment, self._last_ts + 1)
            taken = {m["ts"] for m in channel.messages[-50:]} if at is None else {m["ts"] for m in channel.messages}
            while (ts := f"{moment // 1_000_000}.{moment % 1_000_000:06d}") in taken:
                moment += 1
            stored = {**message, "ts": ts, "team": TEAM}
            if thread_ts and thread_ts != ts:
                stored["thread_ts"] = str(thread_ts)
            channel.messages.append(stored)
            if at is not None:
                channel.messages.sort(key=lambda m: order(m["ts"]))
            self._change.notify_all()
            return dict(stored)

    # The methods of the API, each under the lock.

    def _auth_test(self, args: dict[str, Any]) -> dict[str, Any]:
        names = {"url": "https://standin.slack.com/", "team": "Stand-in", "user": "supportops"}
        return names | {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False}

    def _post(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args.get("channel"))
        if channel.archived:
            raise Refused("is_archived")
        message = {"type": "message", "user": BOT_USER, "bot_id": BOT, "app_id": "A0STANDIN"}
        message |= content(args)
        stored = self._store(channel, message, args.get("thread_ts"))
        return {"channel": channel.id, "ts": stored["ts"], "message": stored}

    def _post_ephemeral(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args.get("channel"))
        if not args.get("user"):
            raise Refused("user_not_in_channel")
        ts = f"{time.time():.6f}"
        whom = {"channel": channel.id, "user": args["user"], "thread_ts": args.get("thread_ts"), "ts": ts}
        self.ephemerals.append(content(args) | whom)
        return {"message_ts": ts}

    def _update(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args.get("channel"))
        message = self._message(channel, args.get("ts"))
        if message.get("bot_id") != BOT:
            raise Refused("cant_update_message")
        message |= content(args) | {"edited": {"user": BOT_USER, "ts": f"{time.time():.6f}"}}
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": message}

    def _unfurl(self, args: dict[str, Any]) -> dict[str, Any]:
        unfurls = args.get("unfurls")
        if not isinstance(unfurls, dict) or not unfurls:
            raise Refused("missing_unfurls")
        if not (args.get("channel") and args.get("ts")):
            raise Refused("missing_channel")
        try:
            message = self._message(self._channel(args["channel"]), args["ts"])
        except Refused:
            raise Refused("cannot_find_message")
        for url, shown_below in unfurls.items():
            if url not in message["text"]:
                raise Refused("cannot_unfurl_url")
            if not isinstance(shown_below, dict):
                raise Refused("cannot_parse_attachment")
            if "blocks" in shown_below:
                checked_blocks(shown_below["blocks"], 50)
        message["unfurls"] = {**message.get("unfurls", {}), **unfurls}
        return {}

    def _permalink(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args.get("channel"))
        ts = self._message(channel, args.get("message_ts"))["ts"]
        return {
            "channel": channel.id,
            "permalink": f"{self.address}/archives/{channel.id}/p{ts.replace('.', '')}",
        }

    def _message(self, channel: Channel, ts: Any) -> dict[str, Any]:
        for message in channel.messages:
            if message["ts"] == ts:
                return message
        raise Refused("message_not_found")

    def _history(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args.get("channel"))
        tops = [m for m in channel.messages if "thread_ts" not in m or m.get("subtype") == "thread_broadcast"]
        page, rest = page_of(between(reversed(tops), args), args, "messages", 100)
        answered = {m["thread_ts"] for m in channel.messages if "thread_ts" in m}
        page["messages"] = [
            shown(m, args) | ({"thread_ts": m["ts"]} if m["ts"] in answered else {}) for m in page["messages"]
        ]
        return page | {"has_more": rest, "pin_count": 0}

    def _replies(self, args: dict[str, Any]) -> dict[str, Any]:
        channel = self._channel(args.get("channel"))
        ts = str(args.get("ts") or "")
        parents = [m for m in channel.messages if m["ts"] == ts]
        replies = [m for m in channel.messages if m.get("thread_ts") == ts]
        if not parents and not replies:
            raise Refused("thread_not_found")
        page, rest = page_of(parents + between(replies, args), args, "messages", 1000)
        page["messages"] = [shown(m, args) | {"thread_ts": ts} for m in page["messages"]]
        return page | {"has_more": rest}

    def _conversations_list(self, args: dict[str, Any]) -> dict[str, Any]:
        open_ones = [_described(channel) for channel in self.channels.values() if not channel.is_im]
        return page_of(open_ones, args, "channels", 100)[0]

    def _conversations_info(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"channel": _described(self._channel(args.get("channel")))}

    def _conversations_members(self, args: dict[str, Any]) -> dict[str, Any]:
        everybody = [{"id": member} for member in self._channel(args.get("channel")).members]
        page = page_of(everybody, args, "members", 100)[0]
        return page | {"members": [member["id"] for member in page["members"]]}

    def _create(self, args: dict[str, Any]) -> dict[str, Any]:
        name = str(args.get("name") or "")
        if not re.fullmatch(r"[a-z0-9_-]{1,80}", name):
            raise Refused("invalid_name_specials")
        if any(channel.name == name for channel in self.channels.values()):
            raise Refused("name_taken")
        channel = self.add_channel(f"C0MADE{len(self.channels)}", name, members=[BOT_USER])
        channel.creator = BOT_USER
        return {"channel": _described(channel)}

    def _invite(self, args: dict[str, Any]) -> dict[str, Any]:
        channel, users = self._channel(args.get("channel")), str(args.get("users") or "").split(",")
        if BOT_USER in users:
            raise Refused("cant_invite_self")
        if not all(user in self.users for user in users):
            raise Refused("user_not_found")
        if any(user in channel.members for user in users):
            raise Refused("already_in_channel")
        channel.members += users
        return {"channel": _described(channel)}

    def _set_topic(self, args: dict[str, Any]) -> dict[str, Any]:
        channel, topic = self._channel(args.get("channel")), str(args.get("topic") or "")
        if channel.archived:
            raise Refused("is_archived")
        if channel.is_im:
            raise Refused("method_not_supported_for_channel_type")
        if channel.members and BOT_USER not in channel.members:
            raise Refused("not_in_channel")
        if len(topic) > 250:
            raise Refused("too_long")
        # Slack tells it with entities, and tells the channel that it was set.
        channel.topic = topic.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self._store(channel, {"type": "message", "subtype": "channel_topic", "user": BOT_USER, "topic": topic}, None)
        return {"channel": _described(channel)}

    def _conversations_open(self, args: dict[str, Any]) -> dict[str, Any]:
        users = str(args.get("users") or "").split(",")
        if not all(user in self.users for user in users):
            raise Refused("user_not_found")
        return {"channel": {"id": self.add_channel(f"D{users[0][1:]}", users[0], is_im=True).id}}

    def _users_info(self, args: dict[str, Any]) -> dict[str, Any]:
        if args.get("user") not in self.users:
            raise Refused("user_not_found")
        return {"user": self.users[args["user"]]}

    def _users_list(self, args: dict[str, Any]) -> dict[str, Any]:
        return page_of(list(self.users.values()), args, "members", 200)[0]

    def _lookup_by_email(self, args: dict[str, Any]) -> dict[str, Any]:
        for user in self.users.values():
            if user["profile"]["email"] == args.get("email"):
                return {"user": user}
        raise Refused("users_not_found")

    def _user_groups(self, args: dict[str, Any]) -> dict[str, Any]:
        with_users, with_disabled = is_true(args.get("include_users")), is_true(args.get("include_disabled"))
        return {
            "usergroups": [
                {key: value for key, value in group.items() if with_users or key != "users"}
                for group in self.user_groups.values()
                if with_disabled or not group["date_delete"]
            ]
        }

    def _user_group_users(self, args: dict[str, Any]) -> dict[str, Any]:
        return {"users": list(self._user_group(args)["users"])}

    def _update_user_group_users(self, args: dict[str, Any]) -> dict[str, Any]:
        given, group = args.get("users") or "", self._user_group(args)
        users = list(given) if isinstance(given, list) else [user for user in str(given).split(",") if user]
        if not users:
            raise Refused("no_users_provided")
        known = [self.users.get(user, {"deleted": True}) for user in users]
        if any(user["deleted"] or user.get("is_bot") for user in known):
            raise Refused("invalid_users")
        group["users"] = users
        return {"usergroup": dict(group)}

    def _user_group(self, args: dict[str, Any]) -> dict[str, Any]:
        group = self.user_groups.get(str(args.get("usergroup")))
        if group is None:
            raise Refused("no_such_subteam")
        return group

    def _views_open(self, args: dict[str, Any]) -> dict[str, Any]:
        trigger = str(args.get("trigger_id") or "")
        if not trigger:
            raise Refused("invalid_arguments")
        if trigger in self._used_triggers:
            raise Refused("exchanged_trigger_id")
        parts = trigger.split(".")
        if parts[-1] == "standin" and time.time() * 1000 - int(parts[1]) > 3_000:
            raise Refused("expired_trigger_id")
        view = checked_view(args)
        self._used_triggers.add(trigger)
        self.views.append(view | {"id": f"V{len(self.views) + 1:07d}", "trigger_id": trigger})
        return {"view": self.views[-1]}

    def _views_update(self, args: dict[str, Any]) -> dict[str, Any]:
        for known in self.views:
            if known["id"] == args.get("view_id"):
                known |= checked_view(args)
                return {"view": known}
        raise Refused("not_found")

    def _views_publish(self, args: dict[str, Any]) -> dict[str, Any]:
        self.homes[str(args.get("user_id"))] = checked_view(args)
        return {"view": self.homes[str(args.get("user_id"))]}


_METHODS: dict[str, Callable[[StandInSlack, dict[str, Any]], dict[str, Any]]] = {
    "auth.test": StandInSlack._auth_test,
    "chat.getPermalink": StandInSlack._permalink,
    "chat.postEphemeral": StandInSlack._post_ephemeral,
    "chat.postMessage": StandInSlack._post,
    "chat.unfurl": StandInSlack._unfurl,
    "chat.update": StandInSlack._update,
    "conversations.create": StandInSlack._create,
    "conversations.history": StandInSlack._history,
    "conversations.info": StandInSlack._conversations_info,
    "conversations.invite": StandInSlack._invite,
    "conversations.list": StandInSlack._conversations_list,
    "conversations.members": StandInSlack._conversations_members,
    "conversations.open": StandInSlack._conversations_open,
    "conversations.replies": StandInSlack._replies,
    "conversations.setTopic": StandInSlack._set_topic,
    "usergroups.list": StandInSlack._user_groups,
    "usergroups.users.list": StandInSlack._user_group_users,
    "usergroups.users.update": StandInSlack._update_user_group_users,
    "users.info": StandInSlack._users_info,
    "users.list": StandInSlack._users_list,
    "users.lookupByEmail": StandInSlack._lookup_by_email,
    "views.open": StandInSlack._views_open,
    "views.publish": StandInSlack._views_publish,
    "views.update": StandInSlack._views_update,
}


def _call(heard: Heard) -> Call:
    headers = {name.lower(): value for name, value in heard.headers.items()}
    args: dict[str, Any] = dict(parse_qsl(heard.query, keep_blank_values=True))
    if "json" in headers.get("content-type", ""):
        body = json.loads(heard.body or b"{}")
        args |= body if isinstance(body, dict) else {}
    else:
        args |= dict(parse_qsl(heard.body.decode(), keep_blank_values=True))
    # In a form, what is not a text is a text of JSON.
    for name in ("blocks", "attachments", "metadata", "unfurls", "view"):
        if isinstance(args.get(name), str):
            try:
                args[name] = json.loads(args[name])
            except ValueError:
                args[name] = None
    token = headers.get("authorization", "").removeprefix("Bearer ").strip() or str(args.pop("token", ""))
    return Call(heard.path.rpartition("/")[2], args, time.time(), token, heard.verb)


def _json(body: dict[str, Any]) -> Say:
    return Say(body=json.dumps(body).encode())


def _too_many(seconds: float) -> Say:
    body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
    return Say(429, body, headers={"Retry-After": str(math.ceil(seconds))})


def _described(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.is_im,
        "is_im": channel.is_im,
        "is_archived": channel.archived,
        "creator": channel.creator,
        "is_member": True,
        "topic": {"value": channel.topic},
        "num_members": len(channel.members),
    }


def main() -> None:
    options = argparse.ArgumentParser(description="A stand-in for the Slack Web API on 127.0.0.1.")
    options.add_argument("--port", type=int, default=9001)
    slack = StandInSlack(options.parse_args().port)
    print(f"SLACK_API_URL={slack.api_url}", flush=True)
    slack.wait_for_ctrl_c()


if __name__ == "__main__":
    main()
