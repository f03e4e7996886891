"""Calls to Slack: one method a call, and errors that say whether Slack took it."""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

TIMEOUT = 8
PAGE = 200
# Of channels Slack tells many at once, and there are many.
LIST_PAGE = 1_000
# Our mark on every message: how we find out whether one arrived.
EVENT_TYPE = "supportops_notice"

# Slack's own words for "something broke here": it may have taken the message before that.
UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
TEMPORARY = frozenset({"ratelimited", "rate_limited", "team_added_to_org", "accesslimited"})
# Nothing is wrong with the message: the token opens nothing any more.
LOCKED_OUT = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "org_login_required"}
)
# What is raised before a single byte of a request has left.
NOT_CONNECTED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_WORD = re.compile(r"[a-z0-9_]+")


class GatewayError(Exception):
    """The base; its message can be shown to a person."""


class NotConfigured(GatewayError):
    """There is no token, so nothing can be sent."""


class RateLimited(GatewayError):
    """Slack did nothing and wants to be left alone for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Slack asked to wait {seconds:g} s.")
        self.seconds = seconds


class Refused(GatewayError):
    """Slack did nothing, and said why; `permanent` when asking again cannot help. `needed`: the scopes that lack."""

    def __init__(self, error: str, permanent: bool, needed: str = "") -> None:
        super().__init__(f"Slack refused: {error}.")
        self.error = error
        self.permanent = permanent
        self.needed = needed

    @property
    def locked_out(self) -> bool:
        """Whether every other call would be refused as well."""
        return self.error in LOCKED_OUT


class Unsure(GatewayError):
    """Nobody knows whether Slack did it; when it `timed_out` Slack may even do it later."""

    def __init__(self, reason: str, timed_out: bool = False) -> None:
        super().__init__(f"Slack did not say whether it took it: {reason}.")
        self.reason = reason
        self.timed_out = timed_out


class Unreachable(GatewayError):
    """No connection came about, so Slack certainly did nothing, and nothing else would reach it either."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Slack cannot be reached: {reason}.")
        self.reason = reason


def configured() -> bool:
    """Whether there is a token to speak with."""
    return bool(settings.SLACK_BOT_TOKEN)


class Gateway:
    """The Slack workspace of the token in settings. May be used from many threads.

    Every method raises RateLimited, Refused, Unreachable or Unsure; a method that only reads did nothing either way.
    """

    def __init__(self, token: str = "", url: str = "", timeout: int = TIMEOUT) -> None:
        """Raises NotConfigured without a token, given or in settings."""
        token = token or settings.SLACK_BOT_TOKEN
        if not token:
            raise NotConfigured("SLACK_BOT_TOKEN is not set, so nothing is sent to Slack.")
        base_url = (url or settings.SLACK_API_URL).rstrip("/") + "/"
        # slack_sdk by itself sends again when a connection breaks, which says things twice: no retries of its own.
        self._client = WebClient(token, base_url=base_url, timeout=timeout, retry_handlers=[])

    @staticmethod
    def configured() -> bool:
        """Whether there is a token to speak with."""
        return configured()

    def post(
        self,
        channel: str,
        text: str,
        blocks: list[dict[str, Any]] | None = None,
        thread_ts: str = "",
        notice: str = "",
    ) -> str:
        """Post a message that everybody in the channel sees, marked with `notice`; its ts."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"notice": notice}} if notice else None
        answer = self._ask(
            lambda: self._client.chat_postMessage(
                channel=channel,
                text=text,
                blocks=blocks or None,
                thread_ts=thread_ts or None,
                metadata=metadata,
                # Names in people's text stay text.
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return str(answer["ts"])

    def post_private(
        self,
        channel: str,
        user: str,
        text: str,
        blocks: list[dict[str, Any]] | None = None,
        thread_ts: str = "",
    ) -> str:
        """Post a message that only `user` sees; its ts, by which nobody can find it again."""
        answer = self._ask(
            lambda: self._client.chat_postEphemeral(
                channel=channel,
                user=user,
                text=text,
                blocks=blocks or None,
                thread_ts=thread_ts or None,
                parse="none",
            )
        )
        return str(answer.get("message_ts") or "")

    def update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]] | None = None) -> None:
        """The message `ts` of ours says this now; asked twice it says the same."""
        channel = self._place(channel)
        self._ask(
            lambda: self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks or [], parse="none")
        )

    def find(self, channel: str, thread_ts: str, notice: str, oldest: datetime) -> str | None:
        """The ts of our message marked `notice` in the thread, or in the channel without one; None: it is not there.

        Messages from before `oldest` are not looked at. A person's id as `channel` means the direct
        messages with them.
        """
        channel = self._place(channel)
        since, cursor = f"{oldest.timestamp():.6f}", ""
        while True:
            messages, cursor = self._page(channel, since, cursor, thread_ts=thread_ts)
            for message in messages:
                metadata = message.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == EVENT_TYPE and payload.get("notice") == notice:
                    return str(message["ts"])
            if not cursor:
                return None

    def history(self, channel: str, oldest: str, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
        """A page of the channel's messages after the ts `oldest`, newest first, and the next page's cursor."""
        return self._page(channel, oldest, cursor)

    def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a modal for whoever pressed or typed, within three seconds of it."""
        self._ask(lambda: self._client.views_open(trigger_id=trigger_id, view=view))

    def publish_home(self, user: str, view: dict[str, Any]) -> None:
        """Show `view` as the user's Home tab of the app."""
        self._ask(lambda: self._client.views_publish(user_id=user, view=view))

    def unfurl(self, channel: str, ts: str, unfurls: dict[str, Any]) -> None:
        """Show below the message what its links lead to, by address."""
        self._ask(lambda: self._client.chat_unfurl(channel=channel, ts=ts, unfurls=unfurls))

    def user_groups(self) -> list[dict[str, Any]]:
        """Every user group, also those switched off, with the ids of its members, as Slack describes them."""
        answer = self._ask(lambda: self._client.usergroups_list(include_users=True, include_disabled=True))
        return list(answer["usergroups"])

    def topic(self, channel: str) -> str:
        """The channel's topic as Slack tells it: with entities, and links marked up."""
        answer = self._ask(lambda: self._client.conversations_info(channel=channel))
        told = answer["channel"].get("topic") or {}
        return str(told.get("value") or "")

    def set_topic(self, channel: str, topic: str) -> None:
        """The channel's topic is this plain text, which Slack tells the channel; the bot must be in it."""
        self._ask(lambda: self._client.conversations_setTopic(channel=channel, topic=topic))

    def create_channel(self, name: str) -> str:
        """A public channel of this name, which the bot is in; its id. Slack refuses a name that is taken."""
        answer = self._ask(lambda: self._client.conversations_create(name=name, is_private=False))
        return str(answer["channel"]["id"])

    def own_channel(self, name: str) -> str:
        """The id of the channel of this name, if the bot made it; else nothing."""
        ourselves, cursor = str(self.who_am_i().get("user_id") or ""), ""
        while True:
            options: dict[str, Any] = {"cursor": cursor} if cursor else {}
            answer = self._ask(
                partial(self._client.conversations_list, exclude_archived=True, limit=LIST_PAGE, **options)
            )
            for channel in answer.get("channels") or ():
                if channel.get("name") == name:
                    return str(channel["id"]) if ourselves and channel.get("creator") == ourselves else ""
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return ""

    def invite(self, channel: str, users: Sequence[str]) -> None:
        """These are in the channel. Slack refuses all for one that it cannot invite, or who is in it already."""
        self._ask(lambda: self._client.conversations_invite(channel=channel, users=list(users)))

    def set_members(self, user_group: str, users: Sequence[str]) -> dict[str, Any]:
        """These are all the members of the user group, as Slack then describes it. Slack refuses an empty list."""
        answer = self._ask(
            lambda: self._client.usergroups_users_update(usergroup=user_group, users=list(users), include_count=False)
        )
        described: dict[str, Any] = answer["usergroup"]
        return described

    def members(self, channel: str) -> list[str]:
        """The ids of everybody in the channel; a private one only tells those who are in it."""
        found: list[str] = []
        cursor = ""
        while True:
            options: dict[str, Any] = {"cursor": cursor} if cursor else {}
            answer = self._ask(partial(self._client.conversations_members, channel=channel, limit=PAGE, **options))
            found += [str(user) for user in answer.get("members") or ()]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return found

    def who_am_i(self) -> dict[str, Any]:
        """Slack's answer to auth.test: `user_id`, `bot_id`, `team`, `url` …"""
        answer = self._ask(self._client.auth_test)
        return answer.data if isinstance(answer.data, dict) else {}

    def _place(self, channel: str) -> str:
        """The conversation: of a person's id, the direct messages with them."""
        if not channel.startswith(("U", "W")):
            return channel
        opened = self._ask(lambda: self._client.conversations_open(users=channel))
        return str(opened["channel"]["id"])

    def _page(self, channel: str, oldest: str, cursor: str, *, thread_ts: str = "") -> tuple[list[dict[str, Any]], str]:
        options: dict[str, Any] = {"channel": channel, "limit": PAGE, "include_all_metadata": True}
        # Slack reads an empty bound as a bad one.
        options |= {"oldest": oldest} if oldest else {}
        options |= {"cursor": cursor} if cursor else {}
        try:
            if thread_ts:
                answer = self._ask(lambda: self._client.conversations_replies(ts=thread_ts, **options))
            else:
                answer = self._ask(lambda: self._client.conversations_history(**options))
        except Refused as refusal:
            if refusal.error == "thread_not_found":
                return [], ""
            raise
        following = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        return list(answer.get("messages") or ()), str(following)

    def _ask(self, call: Callable[[], SlackResponse]) -> SlackResponse:
        try:
            return call()
        except SlackApiError as error:
            raise _understood(error) from error
        except TimeoutError as error:
            raise Unsure(f"no answer within {self._client.timeout} s", timed_out=True) from error
        except (OSError, http.client.HTTPException) as error:
            # urllib wraps what opening the connection raised, and what sending on it did.
            cause = getattr(error, "reason", None)
            if isinstance(cause, NOT_CONNECTED) or (isinstance(cause, OSError) and cause.errno in NO_ROUTE):
                raise Unreachable(_spelt(cause)) from error
            if isinstance(cause, TimeoutError):
                raise Unsure(f"no answer within {self._client.timeout} s", timed_out=True) from error
            raise Unsure(f"the connection broke ({type(error).__name__})") from error
        except (SlackClientError, ValueError, AttributeError) as error:
            # What slack_sdk raises when an answer is JSON, but not an object, or in no known charset.
            raise Unsure(f"an answer nobody understands ({type(error).__name__})") from error


def _understood(error: SlackApiError) -> GatewayError:
    response = error.response
    data = response.data if isinstance(response.data, dict) else {}
    name = str(data.get("error") or "")
    if response.status_code == 429 or name in ("ratelimited", "rate_limited"):
        return RateLimited(_retry_after(response))
    if response.status_code >= 500:
        return Unsure(f"it answered {response.status_code}")
    if name in UNCLEAR:
        return Unsure(f"it answered {name}")
    # slack_sdk puts its own sentence here when the answer was no JSON: a proxy spoke, not Slack.
    if not _WORD.fullmatch(name):
        return Unsure("it answered with a page, not with JSON")
    return Refused(name, permanent=name not in TEMPORARY, needed=str(data.get("needed") or ""))


def _spelt(error: OSError) -> str:
    match error:
        case ConnectionRefusedError():
            return "it refused the connection"
        case socket.gaierror():
            return "its name could not be looked up"
        case ssl.SSLCertVerificationError():
            return "its certificate is not one this machine trusts"
        case _:
            return "there is no way to it from this machine"


def _retry_after(response: SlackResponse) -> float:
    headers = {str(name).lower(): value for name, value in (response.headers or {}).items()}
    try:
        return max(float(headers["retry-after"]), 0.0)
    except (KeyError, TypeError, ValueError):
        return 30.0
