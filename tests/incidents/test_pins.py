"""What is pinned in Slack is an entry of the incident's timeline."""

from __future__ import annotations

from typing import Any

import pytest

from apps.incidents import services
from apps.incidents.models import Incident, Pin
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db


def pin(incident: Incident, text: str = "The disk is full", **said: Any) -> Pin:
    defaults = {"author": "Ben", "url": "https://x.slack.com/p1", "pinned_by": "Ana", "said_at": NOW, "now": NOW}
    return services.keep_pin(incident, channel="C1", ts="1.1", text=text, **{**defaults, **said})


def told() -> list[str]:
    kinds = StoredEvent.objects.filter(type__startswith="Message").order_by("pk")
    return list(kinds.values_list("type", flat=True))


def test_a_message_pinned_twice_is_one_entry() -> None:
    incident = make.incident()

    first, again = pin(incident), pin(incident)

    assert first == again
    assert told() == ["MessagePinned"]


def test_what_is_unpinned_leaves_and_may_come_back() -> None:
    incident = make.incident()
    pin(incident)

    assert services.remove_pin(incident, channel="C1", ts="1.1", now=NOW + MINUTE)
    assert not services.remove_pin(incident, channel="C1", ts="1.1", now=NOW + MINUTE)
    assert Pin.objects.get().removed_at == NOW + MINUTE

    pin(incident)
    assert Pin.objects.get().removed_at is None
    assert told() == ["MessagePinned", "MessageUnpinned", "MessagePinned"]


def test_a_pin_is_kept_however_long_it_is_and_links_to_pages_alone() -> None:
    kept = pin(make.incident(), "\x00" + "x" * 30_000, author="B" * 300, url="javascript:alert(1)")

    assert (len(kept.text), len(kept.author), kept.url) == (20_000, 200, "")
