"""What every test stands on: its own database cluster, a fixed clock, and nothing of ours patched."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from supportops import roles
from tests import emptying, migrating
from tests.portal import Portal


def pytest_configure() -> None:
    """Passwords are hashed quickly: what makes a real hash strong is the quarter of a second it takes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def pytest_collection_finish() -> None:
    """What is imported by now stays; looking for garbage in it again and again took a twentieth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def now() -> datetime:
    """A Wednesday morning."""
    return datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def demo_portal() -> Iterator[Portal]:
    """A portal with the demo, for all who look at it; its first run takes half a minute, and begins when one asks."""
    portal = Portal()
    yield portal
    portal.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The last that is asked before the database is made."""
    migrating.install()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The runner truncates; the trail refuses that, so the test database alone goes without that trigger."""
    migrating.remove()
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in ("trail_storedevent", "trail_link", "trail_epoch", "trail_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_keep_all")
        roles.sync(datetime.now(UTC))
        emptying.install()
        # What was recorded of that.
        call_command("flush")
