"""Secret addresses of calendars: made, made anew, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from apps.people.models import Agent
from apps.rotations.errors import AddressRefused
from apps.rotations.events import CalendarAddressMade, CalendarAddressRevoked
from apps.rotations.models import CalendarAddress, Rotation
from apps.trail import services as trail
from apps.trail.managed import stream_of


def make_address(of: Rotation | Agent, *, now: datetime) -> str:
    """The secret of the calendar's only address from now on; it is shown to nobody again, and any other opens nothing.

    Raises AddressRefused when somebody else makes one at the same moment.
    """
    secret = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            old = CalendarAddress.objects.select_for_update().filter(**_target(of)).first()
            if old is not None:
                old.delete()
            CalendarAddress.objects.create(**_target(of), hashed_token=hashed(secret), made_at=now)
            trail.record(CalendarAddressMade(**_told(of), anew=old is not None), about=[stream_of(of)], now=now)
    except IntegrityError as error:
        raise AddressRefused("Somebody else made this address just now. Make it anew if you need one.") from error
    return secret


@transaction.atomic
def revoke_address(of: Rotation | Agent, *, now: datetime) -> bool:
    """The calendar has no address any more; False when it had none."""
    old = CalendarAddress.objects.select_for_update().filter(**_target(of)).first()
    if old is None:
        return False
    old.delete()
    trail.record(CalendarAddressRevoked(**_told(of)), about=[stream_of(of)], now=now)
    return True


def hashed(secret: str) -> str:
    """What is stored of a secret. Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _target(of: Rotation | Agent) -> dict[str, Rotation | Agent]:
    return {"rotation": of} if isinstance(of, Rotation) else {"agent": of}


def _told(of: Rotation | Agent) -> dict[str, str]:
    if isinstance(of, Rotation):
        return {"rotation": of.slug, "person": "", "name": of.name}
    return {"rotation": "", "person": of.email, "name": str(of)}
