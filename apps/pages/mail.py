"""What a mail provider posts when a mail comes to the urgent address. Pure.

Sources: SendGrid "Inbound Parse" (a form with from, subject, text, headers), Mailgun "Routes" (a form with from,
subject, body-plain, Message-Id and timestamp, token, signature), Postmark "Inbound webhook" (JSON with From, Subject,
TextBody, Headers, MessageID). What they call alike is read alike, so that a shell script may post it too.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

# Mailgun asks to refuse what is signed long ago.
FRESH = timedelta(hours=1)
LONGEST_TEXT = 9_000
LONGEST_ID = 240

FROM = ("from", "sender")
SUBJECT = ("subject",)
TEXT = ("text/plain", "text", "textbody", "body-plain", "stripped-text", "plain")
HTML = ("text/html", "html", "htmlbody", "body-html")
ID = ("message-id", "messageid", "message_id")
_HEADER_ID = re.compile(r"^message-id:\s*(<[^>\r\n]+>|\S+)", re.IGNORECASE | re.MULTILINE)
_INVISIBLE = re.compile(r"<(script|style|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


class UnreadableMail(ValueError):
    """It is no mail we understand; the message says what is missing."""


@dataclass(frozen=True)
class Mail:
    """A mail as far as a page needs it. `key` is the same whenever it is posted again."""

    key: str
    sender: str
    subject: str
    text: str


def read(fields: Mapping[str, Any]) -> Mail:
    """The mail in a provider's fields, whose names are read in any case. Raises UnreadableMail.

    Without a Message-Id its own content tells it from others.
    """
    known = {str(name).lower(): value for name, value in fields.items()}
    sender, subject = _first(known, FROM), " ".join(_first(known, SUBJECT).split())
    text = _first(known, TEXT).strip() or _from_html(_first(known, HTML))
    if not (text or subject):
        raise UnreadableMail(
            "The mail has neither a subject nor a text. Send from, subject and text, as a form or as JSON."
        )
    key = _message_id(known) or hashlib.sha256("\n".join([sender, subject, text]).encode(errors="replace")).hexdigest()
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}…\n(The mail is longer; read the rest there.)"
    return Mail(key=key[:LONGEST_ID], sender=" ".join(sender.split())[:200], subject=subject, text=text or subject)


def is_secret(secret: str, given: Iterable[str]) -> bool:
    """Whether one of the words given is the secret; without a secret nothing is."""
    said = [word.encode(errors="replace") for word in given]
    return bool(secret) and any(hmac.compare_digest(word, secret.encode()) for word in said)


def is_signed(secret: str, fields: Mapping[str, Any], now: datetime) -> bool:
    """Whether Mailgun signed it with this key, within the hour."""
    stamp, token, signature = (fields.get(name) for name in ("timestamp", "token", "signature"))
    if isinstance(signature, Mapping):
        # Mailgun's newer webhooks put the three into one object.
        stamp, token, signature = (signature.get(name) for name in ("timestamp", "token", "signature"))
    if not (secret and isinstance(token, str) and isinstance(signature, str)):
        return False
    said = str(stamp)
    if not (said.isascii() and said.isdecimal() and len(said) <= 12):
        return False
    if abs(now.timestamp() - int(said)) > FRESH.total_seconds():
        return False
    expected = hmac.new(secret.encode(), f"{said}{token}".encode(errors="replace"), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


def _first(known: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        value = known.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _message_id(known: Mapping[str, Any]) -> str:
    """The mail's own Message-Id, from its headers where the provider's id is another."""
    headers = known.get("headers")
    if isinstance(headers, str) and (found := _HEADER_ID.search(headers)):
        return found[1]
    if isinstance(headers, list):
        for header in headers:
            named = {str(name).lower(): value for name, value in header.items()} if isinstance(header, Mapping) else {}
            if str(named.get("name", "")).lower() == "message-id" and isinstance(named.get("value"), str):
                return str(named["value"]).strip()
    return _first(known, ID).strip()


def _from_html(html: str) -> str:
    """The words of a mail that is HTML alone."""
    lines = _BREAK.sub("\n", _INVISIBLE.sub("", html))
    return "\n".join(" ".join(line.split()) for line in unescape(_TAG.sub("", lines)).splitlines() if line.strip())
