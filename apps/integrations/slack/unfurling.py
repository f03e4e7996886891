"""An address of ours posted in Slack shows what is there: of an event the sentence, the time and who did it, of a
request for help what is needed, how it stands and whose it is; and never more.

Slack asks for any link to the portal, in whatever channel, and everybody there sees the answer. So it is given only
when whoever posted the link is an agent who may read that, and only where Slack says that nobody from another
company is in the channel. Guests count as the company's own: Slack does not tell them apart here. In the composer,
before the message is posted, Slack does not say which channel it is for, and asks again once it is posted.

Source: Slack's documentation, "Unfurling links in messages".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from apps.integrations.slack import selectors
from apps.integrations.slack.calls import Call, Unfurl
from apps.integrations.slack.incoming import mapping, word
from apps.integrations.slack.models import SlackEvent
from apps.integrations.slack.text import date, escape
from apps.rfhs import rights as rfhs
from apps.rfhs.models import RFH
from apps.trail.access import may_read
from apps.trail.models import StoredEvent

MOST_LINKS = 10
LONGEST_SENTENCE = 500
WHEN = "{date_short_pretty} at {time}"


def worth_keeping(payload: Mapping[str, Any]) -> bool:
    """Whether the message was posted, among ourselves, and has an address in it that we can tell of."""
    shared = mapping(payload.get("event"))
    posted = word(shared.get("channel")) not in ("", "COMPOSER") and shared.get("source") != "composer"
    # Where Slack says nothing about outsiders, there may be some.
    return posted and payload.get("is_ext_shared_channel") is False and bool(_events_in(shared) or _requests_in(shared))


def on_shared(event: SlackEvent, now: datetime) -> Call | None:
    """Unfurl those addresses whose page whoever posted them may read."""
    shared = event.payload["event"]
    agent = selectors.agent_of(word(shared.get("user")))
    if agent is None or not worth_keeping(event.payload):
        return None
    addresses = _events_in(shared)
    stored = StoredEvent.objects.in_bulk(set(addresses.values()))
    unfurls = {
        url: _card(stored[position])
        for url, position in addresses.items()
        if position in stored and may_read(agent, stored[position])
    }
    if rfhs.may_see(agent) and (asked := _requests_in(shared)):
        known = RFH.objects.select_related("team", "owner", "accountable").defer("search").in_bulk(set(asked.values()))
        unfurls |= {url: _request_card(known[key]) for url, key in asked.items() if key in known}
    if not unfurls:
        return None
    return Unfurl(word(shared.get("channel")), word(shared.get("message_ts")), unfurls)


def _events_in(shared: Mapping[str, Any]) -> dict[str, int]:
    """The addresses of events among the links, as Slack writes them, each with the event's position."""
    return _numbers_in(shared, "/trail/([0-9]{1,18})/?")


def _requests_in(shared: Mapping[str, Any]) -> dict[str, int]:
    """The addresses of requests for help among the links, each with the request's number."""
    return _numbers_in(shared, "/admin/rfhs/rfh/([0-9]{1,18})(?:/change)?/?")


def _numbers_in(shared: Mapping[str, Any], path: str) -> dict[str, int]:
    address = re.compile(rf"{re.escape(settings.BASE_URL)}{path}(?:[?#].*)?", re.IGNORECASE)
    links = shared.get("links")
    urls = [word(mapping(link).get("url")) for link in (links if isinstance(links, list) else ())]
    found = {url: address.fullmatch(url) for url in urls[:MOST_LINKS]}
    return {url: int(match[1]) for url, match in found.items() if match}


def _card(event: StoredEvent) -> dict[str, Any]:
    return _two_lines(event.sentence, f"{date(event.occurred_at, WHEN)}, by {escape(event.actor)}")


def _request_card(rfh: RFH) -> dict[str, Any]:
    whose = [f"with {rfh.team}" if rfh.team else "", f"{rfh.owner} works on it" if rfh.owner else ""]
    said = [
        rfh.get_state_display(),
        rfh.get_priority_display(),
        *whose,
        f"{rfh.accountable or 'nobody'} is accountable",
    ]
    return _two_lines(f"{rfh}: {rfh.summary or 'No summary yet'}", escape(", ".join(filter(None, said))))


def _two_lines(sentence: str, below: str) -> dict[str, Any]:
    """`sentence` is plain, `below` is Slack's own text."""
    sentence = " ".join(sentence.split())
    if len(sentence) > LONGEST_SENTENCE:
        sentence = f"{sentence[: LONGEST_SENTENCE - 1]}…"
    return {
        "blocks": [
            # What people wrote stays text: it mentions nobody.
            {"type": "section", "text": {"type": "mrkdwn", "text": escape(sentence), "verbatim": True}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": below, "verbatim": True}]},
        ]
    }
