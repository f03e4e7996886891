"""The only writers of subscribers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.incidents.models import Component
from apps.statuspage.errors import BadSubscriber, TooMany
from apps.statuspage.events import (
    SubscriberChose,
    SubscriberDisabled,
    SubscriberEnabled,
    SubscriberJoined,
    SubscriberLeft,
)
from apps.statuspage.models import Delivery, Subscriber
from apps.statuspage.visible import public_components
from apps.trail import services as trail
from apps.trail.events import Event
from apps.trail.later import enqueue

Kind, What, State = Subscriber.Kind, Delivery.What, Delivery.State
DELIVER = "apps.statuspage.subscribing.jobs.deliver"
# Nobody's mailbox is filled by somebody else's clicks.
AGAIN_AFTER = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=7)
# Who asks and never confirms; more than these in an hour are no readers of ours.
MOST_AN_HOUR = 300
LONGEST_URL, LONGEST_EMAIL, LONGEST_TROUBLE = 500, 200, 300


@transaction.atomic
def subscribe(
    kind: str, *, email: str, now: datetime, url: str = "", components: Iterable[str] = (), by: str = ""
) -> Subscriber:
    """Somebody is asked by email whether they want this; what they get begins once they say so.

    `components` are public ids; none means all. Asked again they are asked again, at most every ten minutes; who has
    it already is told where to change it, so that nobody learns here who is subscribed. `by`: who of us adds them; a
    webhook of ours needs nobody's yes. Raises BadSubscriber, TooMany.
    """
    email, url = check(kind, email=email, url=url)
    chosen = _components(components)
    same = Q(kind=kind, url=url) if kind == Kind.WEBHOOK else Q(kind=kind, email__iexact=email)
    known = Subscriber.objects.select_for_update().filter(same).first()
    if known is None:
        if not by and Subscriber.objects.filter(confirmed_at=None, asked_at__gt=now - timedelta(hours=1)).count() >= (
            MOST_AN_HOUR
        ):
            raise TooMany("Too many asked within the hour. Try again later.")
        try:
            with transaction.atomic():
                known = Subscriber.objects.create(kind=kind, email=email, url=url, asked_at=now, added_by=by)
        except IntegrityError:
            # Two at once: the other one asked them.
            return Subscriber.objects.get(same)
        known.components.set(chosen)
    elif known.confirmed_at is None and known.email.lower() == email.lower():
        known.components.set(chosen)
    if by and known.confirmed_at is None and kind == Kind.WEBHOOK:
        _join(known, by=by, now=now)
    else:
        _write(known, What.KNOWN if known.confirmed_at else What.CONFIRM, now=now)
    return known


def check(kind: str, *, email: str, url: str) -> tuple[str, str]:
    """The email and address as they are kept. Raises BadSubscriber."""
    if kind not in Kind.values:
        raise BadSubscriber("kind", f"There is email and webhook, not “{kind[:40]}”.")
    return _email(email), _url(url) if kind == Kind.WEBHOOK else ""


@transaction.atomic
def confirm(subscriber: Subscriber, *, now: datetime) -> bool:
    """They hear from now on; whether this call made it so."""
    row = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    fresh = row.confirmed_at is None
    if fresh:
        _join(row, by="", now=now)
    subscriber.refresh_from_db()
    return fresh


@transaction.atomic
def choose(subscriber: Subscriber, components: Iterable[str], *, now: datetime, by: str = "") -> bool:
    """They hear of these components alone, none means all; whether that was another choice before."""
    row = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    chosen = _components(components)
    before = set(row.components.values_list("pk", flat=True))
    if before == {each.pk for each in chosen}:
        return False
    row.components.set(chosen)
    _record(row, SubscriberChose(**_told(row), components=[each.slug for each in chosen], by=by), now=now)
    return True


@transaction.atomic
def leave(subscriber: Subscriber, *, now: datetime, by: str = "") -> None:
    """They hear no more, and nothing of them is kept."""
    row = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    if row is None:
        return
    if row.confirmed_at is not None:
        _record(row, SubscriberLeft(**_told(row), by=by), now=now)
    row.delete()


@transaction.atomic
def disable(subscriber: Subscriber, *, because: str, now: datetime) -> bool:
    """An endpoint that failed for a day hears no more, and whom it names is told; whether this call made it so."""
    row = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    if row.disabled_at is not None:
        return False
    row.disabled_at, row.trouble = now, because[:LONGEST_TROUBLE]
    row.save(update_fields=["disabled_at", "trouble"])
    owed = row.deliveries.filter(what=What.WORD, state__in=[State.WAITING, State.SENDING])
    owed.update(state=State.GIVEN_UP, done_at=now, error=row.trouble)
    Delivery.objects.create(subscriber=row, what=What.DISABLED, created_at=now, ready_at=now)
    enqueue(DELIVER)
    _record(row, SubscriberDisabled(**_told(row), because=row.trouble), now=now)
    return True


@transaction.atomic
def enable(subscriber: Subscriber, *, now: datetime, by: str = "") -> bool:
    """Its endpoint is mended: it hears of what happens from now on; whether this call made it so."""
    row = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    if row.disabled_at is None:
        return False
    row.disabled_at, row.failing_since, row.trouble = None, None, ""
    row.save(update_fields=["disabled_at", "failing_since", "trouble"])
    _record(row, SubscriberEnabled(**_told(row), by=by), now=now)
    subscriber.refresh_from_db()
    return True


@transaction.atomic
def ask_again(subscriber: Subscriber, *, now: datetime) -> bool:
    """Another email asks whether they want it; whether one was owed."""
    if subscriber.confirmed_at is not None:
        return False
    return _write(subscriber, What.CONFIRM, now=now)


def forget_unconfirmed(*, now: datetime) -> int:
    """Who did not say yes within a week is forgotten; how many."""
    rows = Subscriber.objects.filter(confirmed_at=None, asked_at__lt=now - FORGOTTEN_AFTER)
    return int(rows.delete()[1].get("statuspage.Subscriber", 0))


def _join(row: Subscriber, *, by: str, now: datetime) -> None:
    row.confirmed_at = now
    row.save(update_fields=["confirmed_at"])
    slugs = list(row.components.values_list("slug", flat=True))
    _record(row, SubscriberJoined(**_told(row), components=slugs, by=by), now=now)


def _write(row: Subscriber, what: str, *, now: datetime) -> bool:
    if row.deliveries.filter(what=what, created_at__gt=now - AGAIN_AFTER).exists():
        return False
    Delivery.objects.create(subscriber=row, what=what, created_at=now, ready_at=now)
    enqueue(DELIVER)
    # Unconfirmed ones are forgotten a week after they asked the last time.
    Subscriber.objects.filter(pk=row.pk).update(asked_at=now)
    return True


def _email(said: str) -> str:
    email = said.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise BadSubscriber("email", "This is no email address, such as you@example.com.") from None
    if len(email) > LONGEST_EMAIL:
        raise BadSubscriber("email", f"At most {LONGEST_EMAIL} characters.")
    return email


def _url(said: str) -> str:
    url = said.strip()
    sentence = "A webhook’s address begins with https://."
    if len(url) > LONGEST_URL:
        raise BadSubscriber("url", f"At most {LONGEST_URL} characters.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadSubscriber("url", sentence) from None
    ours = {host, f"{host}:{port}"} & set(settings.WEBHOOK_PRIVATE_HOSTS)
    if not host or parts.scheme not in ("https", "http") or any(each.isspace() or ord(each) < 32 for each in url):
        raise BadSubscriber("url", sentence)
    if parts.username is not None or parts.password is not None:
        raise BadSubscriber("url", "Leave name and password out of the address: every message is signed.")
    if parts.scheme == "http" and not ours:
        raise BadSubscriber("url", f"{sentence} What is not encrypted is not called.")
    return url


def _components(ids: Iterable[str]) -> list[Component]:
    """Those of these public ids. Hidden ones are unknown here. Raises BadSubscriber."""
    # PostgreSQL has no such character; the form is open to everybody.
    wanted = list(dict.fromkeys(each.replace("\x00", "") for each in ids))
    found = list(public_components().filter(public_id__in=wanted))
    if len(found) < len(wanted):
        raise BadSubscriber("components", "One of these components is not there any more. Choose again.")
    return found


def _told(row: Subscriber) -> dict[str, Any]:
    host = urlsplit(row.url).hostname if row.kind == Kind.WEBHOOK else row.email.rpartition("@")[2]
    return {"subscriber": row.pk, "kind": row.kind, "where": host or ""}


def _record(row: Subscriber, event: Event, *, now: datetime) -> None:
    trail.record(event, about=[row], now=now)
