"""A portal without the demo organisation."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from supportops import demo, shipped

pytestmark = pytest.mark.django_db


def test_a_fresh_portal_is_empty(now: datetime) -> None:
    shipped.sync(now)

    assert demo.is_empty()


def test_it_is_refused_beside_real_customers() -> None:
    with pytest.raises(CommandError, match="only where DEMO=1 is set"):
        call_command("demo")


def test_where_nothing_is_due_the_announcement_says_how_to_get_something(now: datetime) -> None:
    channel, lines = demo.ahead(now=now)

    assert (channel, len(lines)) == ("", 1)
    assert "make demo" in lines[0]
