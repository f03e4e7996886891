"""Telling subscribers: messages are claimed, the claim is committed, the call is made, its end is recorded."""

from __future__ import annotations

import json
import logging
import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from apps.incidents.models import Update
from apps.statuspage.models import Delivery, Subscriber
from apps.statuspage.subscribing import links, services
from apps.statuspage.subscribing.backoff import next_try
from apps.statuspage.subscribing.letters import letter
from apps.statuspage.subscribing.posting import NotTaken, post
from apps.statuspage.visible import called_off, public_incidents, public_maintenances

logger = logging.getLogger(__name__)
Kind, State, What = Subscriber.Kind, Delivery.State, Delivery.What
PARALLEL = 8
# A call ends within half a minute; whoever claimed it longer ago is not there any more.
GONE = timedelta(minutes=3)
OPEN = [State.WAITING, State.SENDING]


@dataclass(frozen=True)
class Outcome:
    """How a message ended: `error` is empty when it was taken."""

    delivery: Delivery
    error: str = ""
    outdated: bool = False


def deliver(*, clock: Callable[[], datetime], until: datetime) -> int:
    """What is owed is sent, until nothing is due or the time is up; how many were."""
    sent = 0
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="subscribers") as pool:
        while clock() < until:
            claimed = claim(now=clock())
            if not claimed:
                break
            calls = [(each, _call(each)) for each in claimed]
            # Emails on this thread: a backend may well know the database, which the others must not.
            posted = [pool.submit(call) for each, call in calls if _is_post(each)]
            ended = [call() for each, call in calls if not _is_post(each)]
            for outcome in [*ended, *(future.result() for future in posted)]:
                sent += _settle(outcome, now=clock())
    return sent


@transaction.atomic
def claim(*, now: datetime, most: int = PARALLEL) -> list[Delivery]:
    """The next messages, at most one a subscriber, and that the oldest: nobody hears of an end before its beginning."""
    Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - GONE).update(state=State.WAITING)
    # In turn among its own kind: a letter that no mail server takes holds up no webhook.
    earlier = Delivery.objects.filter(
        subscriber=OuterRef("subscriber"), what=OuterRef("what"), pk__lt=OuterRef("pk"), state__in=OPEN
    )
    due = Delivery.objects.filter(~Exists(earlier), state=State.WAITING, ready_at__lte=now)
    # What is said anew has no words yet.
    due = due.exclude(announcement__isnull=False, announcement__announced_at=None)
    if not settings.EMAIL_IS_SET_UP:
        # Nothing is pretended: what cannot be sent waits.
        due = due.filter(subscriber__kind=Kind.WEBHOOK, what=What.WORD)
    rows = due.select_for_update(skip_locked=True, of=("self",)).order_by("ready_at", "pk")[:most]
    keys = [row.pk for row in rows]
    Delivery.objects.filter(pk__in=keys).update(state=State.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    found = Delivery.objects.filter(pk__in=keys).select_related("subscriber", "announcement").order_by("pk")
    return list(found)


def _call(delivery: Delivery) -> Callable[[], Outcome]:
    """What to do about it; a post is ready to run on a thread that knows no database."""
    if delivery.what == What.WORD and not _is_public(delivery):
        return partial(Outcome, delivery, outdated=True)
    if _is_post(delivery):
        body = _body(delivery)
        return partial(_post, delivery, body, links.secret_of(delivery.subscriber))
    return partial(_mail, delivery)


def _is_post(delivery: Delivery) -> bool:
    return delivery.what == What.WORD and delivery.subscriber.kind == Kind.WEBHOOK


def _is_public(delivery: Delivery) -> bool:
    """Whether the public may know of it still: hours may have passed."""
    said = delivery.announcement
    assert said is not None
    if delivery.part >= len(said.payloads):
        return False
    if said.subject == said.Subject.INCIDENT:
        # Taken back and published again, it may say other things.
        gone = Update.objects.filter(public_id__in=said.updates, published_at=None)
        return public_incidents().filter(public_id=said.about).exists() and not gone.exists()
    if said.why == "cancelled":
        return called_off(said.about) is not None
    return public_maintenances().filter(public_id=said.about).exists()


def _body(delivery: Delivery) -> bytes:
    assert delivery.announcement is not None
    payload: dict[str, Any] = dict(delivery.announcement.payloads[delivery.part])
    del payload["components"]
    meta = {
        "unsubscribe": links.manage(delivery.subscriber),
        "documentation": f"{settings.BASE_URL}/status/subscribe/",
        "generated_at": delivery.announcement.created_at.isoformat(),
    }
    return json.dumps({"meta": meta, **payload}, ensure_ascii=False).encode()


def _post(delivery: Delivery, body: bytes, secret: str) -> Outcome:
    try:
        post(
            delivery.subscriber.url,
            body,
            secret=secret,
            mark=f"{delivery.subscriber.public_id}-{delivery.pk}",
            private_hosts=settings.WEBHOOK_PRIVATE_HOSTS,
            timeout=settings.WEBHOOK_TIMEOUT,
        )
    except NotTaken as why:
        return Outcome(delivery, str(why))
    return Outcome(delivery)


def _mail(delivery: Delivery) -> Outcome:
    try:
        letter(delivery, get_connection()).send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        logger.warning("An email to a subscriber could not be sent: %s", type(error).__name__)
        return Outcome(delivery, f"The mail server did not take it ({type(error).__name__}).")
    return Outcome(delivery)


@transaction.atomic
def _settle(outcome: Outcome, *, now: datetime) -> int:
    row = Delivery.objects.select_for_update().filter(pk=outcome.delivery.pk, state=State.SENDING).first()
    if row is None:
        # Whoever it was for left meanwhile.
        return 0
    if not outcome.error:
        row.state, row.done_at, row.error = (State.OUTDATED if outcome.outdated else State.SENT), now, ""
        row.save(update_fields=["state", "done_at", "error"])
        if not outcome.outdated and row.what == What.WORD:
            Subscriber.objects.filter(pk=row.subscriber_id).update(failing_since=None, trouble="")
        return int(not outcome.outdated)
    row.error = outcome.error[:300]
    again = next_try(attempts=row.attempts, created_at=row.created_at, now=now)
    if again is not None:
        row.state, row.ready_at = State.WAITING, again
        row.save(update_fields=["state", "ready_at", "error"])
        changes = Subscriber.objects.filter(pk=row.subscriber_id)
        changes.update(trouble=row.error)
        changes.filter(failing_since=None).update(failing_since=now)
        return 0
    row.state, row.done_at = State.GIVEN_UP, now
    row.save(update_fields=["state", "done_at", "error"])
    if row.what == What.WORD and row.subscriber.kind == Kind.WEBHOOK:
        services.disable(row.subscriber, because=row.error, now=now)
    return 0
