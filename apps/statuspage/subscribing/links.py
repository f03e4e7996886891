"""The links in what subscribers get: signed, so that nobody else leaves or chooses for them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from apps.statuspage.errors import BadLink
from apps.statuspage.models import Subscriber

CONFIRM, MANAGE = "statuspage.confirm", "statuspage.manage"
GOOD_FOR = timedelta(days=7)


def confirm(subscriber: Subscriber) -> str:
    """Where they say that they want it."""
    return _address("subscribing:confirm", signing.dumps(subscriber.pk, salt=CONFIRM))


def manage(subscriber: Subscriber) -> str:
    """Where they choose components and leave."""
    return _address("subscribing:manage", signing.dumps(subscriber.pk, salt=MANAGE))


def leave(subscriber: Subscriber) -> str:
    """Where one POST makes them leave, as mail programs do it (RFC 8058)."""
    return _address("subscribing:leave", signing.dumps(subscriber.pk, salt=MANAGE))


def read(token: str, salt: str) -> Subscriber:
    """Whose link it is. Raises BadLink."""
    try:
        pk = int(signing.loads(token, salt=salt, max_age=GOOD_FOR if salt == CONFIRM else None))
    except signing.SignatureExpired as error:
        raise BadLink("This link is older than a week. Subscribe again to get another.") from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink("This link is incomplete, or not one of ours. Copy all of it from the message.") from error
    found = Subscriber.objects.filter(pk=pk).first()
    if found is None:
        raise BadLink("This subscription has ended, and nothing is kept of it.")
    return found


def secret_of(subscriber: Subscriber) -> str:
    """With what this webhook's messages are signed. Derived, so no row, log or backup holds it."""
    return salted_hmac("statuspage.webhook", subscriber.public_id, algorithm="sha256").hexdigest()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a message: HMAC-SHA256 of its time, a dot and its body."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _address(name: str, token: str) -> str:
    return f"{settings.BASE_URL}{reverse(name, args=[token])}"
