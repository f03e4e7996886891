"""Signing in and out, on the trail."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta

from django.db import transaction

from apps.people.attempts import WINDOW, is_told
from apps.people.events import SignedIn, SignedOut, SignInFailed
from apps.people.models import Agent, FailedSignIns
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.managed import stream_of

# All of them in their order, for who watches over the portal.
STREAM = "sign-ins"
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s]{2,60}")
FORGOTTEN_AFTER = timedelta(hours=1)


def signed_in(agent: Agent, *, now: datetime) -> None:
    """The agent is in, by their own doing."""
    with acting(actor=Actor(kind="user", id=str(agent.pk), label=str(agent))):
        trail.record(SignedIn(agent=agent.pk, name=str(agent)), about=[stream_of(agent), STREAM], now=now)


def signed_out(agent: Agent, *, now: datetime) -> None:
    """The agent's session is over, by their own doing."""
    trail.record(SignedOut(agent=agent.pk, name=str(agent)), about=[stream_of(agent), STREAM], now=now)


@transaction.atomic
def sign_in_failed(given: str, *, address: str, now: datetime) -> bool:
    """Somebody was not let in; whether it is on the trail, which of a wave only some attempts are.

    What is no e-mail is not kept: it may be a password, typed in the wrong box.
    """
    name = given.strip().lower()
    if not EMAIL.fullmatch(name):
        name = ""
    # Always in this order, so that no two wait for each other.
    of_address = _count(address, now=now)
    of_name = _count(f"{address}\n{name}", now=now)
    if not is_told(of_name, of_address):
        return False
    agent = Agent.objects.filter(email__iexact=name).first() if name else None
    event = SignInFailed(
        name=name,
        agent=agent.pk if agent else None,
        address=address,
        attempts=of_name,
        from_address=of_address,
    )
    trail.record(event, about=[*([stream_of(agent)] if agent else []), STREAM], now=now)
    return True


def forget_failed(now: datetime) -> int:
    """Counts of an hour ago are gone; how many. One that somebody is counting on right now stays."""
    old = FailedSignIns.objects.filter(since__lt=now - FORGOTTEN_AFTER).select_for_update(skip_locked=True)
    with transaction.atomic():
        return FailedSignIns.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:10_000])).delete()[0]


def _count(what: str, *, now: datetime) -> int:
    # What somebody typed is not kept, not even for an hour.
    key = hashlib.sha256(what.encode()).hexdigest()
    row, _ = FailedSignIns.objects.select_for_update().get_or_create(key=key, defaults={"since": now, "count": 0})
    if row.since <= now - WINDOW:
        row.since, row.count = now, 0
    row.count += 1
    row.save()
    return row.count
