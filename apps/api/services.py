"""The only writers of API keys and of the answers kept under an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.api import keys
from apps.api.errors import AlreadyRevoked, BadKey
from apps.api.events import ApiKeyCreated, ApiKeyRevoked, ApiKeyUsed
from apps.api.models import SCOPES, ApiKey, IdempotentRequest
from apps.people.models import Agent
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.instants import slip_in

# Last use is for finding keys nobody needs: a minute is exact enough, and spares a write a request.
USED_EVERY = timedelta(minutes=1)
KEPT = timedelta(hours=24)
# A request that has not answered by then died with its process; web requests are cut off long before.
GIVEN_UP = timedelta(minutes=2)


@transaction.atomic
def create_key(
    *,
    name: str,
    scopes: Collection[str],
    now: datetime,
    expires_at: datetime | None = None,
    by: Agent | None = None,
) -> tuple[ApiKey, str]:
    """A new key's row, and the key itself, which cannot be had again. Raises BadKey."""
    name = name.strip()
    known = [scope for scope, _ in SCOPES]
    unknown = sorted(set(scopes) - set(known))
    if not name or len(name) > 100:
        raise BadKey("A key needs a name of at most 100 characters.")
    if unknown:
        raise BadKey(f"{unknown[0]!r} is no scope; use {', '.join(known)}.")
    if not scopes:
        raise BadKey(f"A key needs at least one scope of {', '.join(known)}.")
    if expires_at is not None and expires_at <= now:
        raise BadKey("A key cannot expire before it is made.")
    if expires_at is not None and (slip := slip_in(expires_at)):
        raise BadKey(slip)
    secret = keys.generate()
    api_key = ApiKey.objects.create(
        name=name,
        prefix=secret[: keys.PREFIX],
        hashed_key=keys.hashed(secret),
        scopes=[scope for scope in known if scope in scopes],
        created_at=now,
        created_by=by,
        expires_at=expires_at,
    )
    event = ApiKeyCreated(
        api_key=api_key.pk,
        name=name,
        prefix=api_key.prefix,
        scopes=api_key.scopes,
        expires_at=expires_at,
    )
    trail.record(event, about=[f"apikey:{api_key.pk}"], now=now)
    return api_key, secret


@transaction.atomic
def revoke_key(api_key: ApiKey, *, now: datetime) -> None:
    """The key opens nothing any more. Raises AlreadyRevoked."""
    if not ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=now):
        raise AlreadyRevoked(f"{api_key} was revoked before.")
    api_key.revoked_at = now
    event = ApiKeyRevoked(api_key=api_key.pk, name=api_key.name, prefix=api_key.prefix)
    trail.record(event, about=[f"apikey:{api_key.pk}"], now=now)


def key_used(api_key: ApiKey, *, now: datetime) -> None:
    """The key's last use is known to the minute, and its first use of a day, by UTC, is on the trail."""
    stale, midnight = now - USED_EVERY, now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    used = api_key.last_used_at
    if used is not None and used > stale and used >= midnight:
        return
    row = ApiKey.objects.filter(pk=api_key.pk)
    with transaction.atomic():
        # Of all processes that see the key come first, one is.
        if row.filter(Q(last_used_at=None) | Q(last_used_at__lt=midnight)).update(last_used_at=now):
            event = ApiKeyUsed(api_key=api_key.pk, name=api_key.name, prefix=api_key.prefix)
            with acting(actor=Actor(kind="integration", id=str(api_key.pk), label=api_key.name)):
                trail.record(event, about=[f"apikey:{api_key.pk}"], now=now)
        else:
            row.filter(last_used_at__lte=stale).update(last_used_at=now)


@dataclass(frozen=True)
class Claim:
    """What there is under an Idempotency-Key: `mine` when this caller is to do the work."""

    row: IdempotentRequest
    mine: bool


@transaction.atomic
def claim_request(api_key: ApiKey, key: str, fingerprint: str, *, now: datetime) -> Claim:
    """Of all requests under one key, one is told to do the work.

    It commits before the work begins, so that a second request sees the first while that is being worked.
    A row without an answer may be taken over after `GIVEN_UP`: its process died.
    """
    of_old = IdempotentRequest.objects.filter(api_key=api_key, key=key, created_at__lte=now - KEPT)
    of_old.delete()
    row, created = IdempotentRequest.objects.get_or_create(
        api_key=api_key, key=key, defaults={"fingerprint": fingerprint, "created_at": now}
    )
    if created:
        return Claim(row, mine=True)
    taken = row.fingerprint == fingerprint and IdempotentRequest.objects.filter(
        pk=row.pk, status=None, created_at__lte=now - GIVEN_UP
    ).update(created_at=now)
    if taken:
        row.created_at = now
    return Claim(row, mine=bool(taken))


def answer_request(row: IdempotentRequest, *, status: int, body: Any) -> bool:
    """The answer is kept for whoever asks again; False when another is kept, or will be.

    Matched by `created_at` as well: whoever was so slow that another took over must not answer for them.
    """
    mine = IdempotentRequest.objects.filter(pk=row.pk, status=None, created_at=row.created_at)
    return bool(mine.update(status=status, body=body))


def drop_request(row: IdempotentRequest) -> None:
    """The work failed on our side: the same request may be tried again at once."""
    IdempotentRequest.objects.filter(pk=row.pk, status=None, created_at=row.created_at).delete()


def forget_old_requests(now: datetime) -> int:
    """Answers older than `KEPT` are gone; how many."""
    return IdempotentRequest.objects.filter(created_at__lte=now - KEPT).delete()[0]
