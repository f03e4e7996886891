"""Channels that doors speak of before anybody entered them."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.people import services
from apps.people.models import Channel
from apps.trail.models import StoredEvent

pytestmark = pytest.mark.django_db


def test_a_channel_that_became_known_is_on_the_trail(now: datetime) -> None:
    services.channel("C100", "support", now=now)
    services.channel("C100", "support", now=now)

    created = StoredEvent.objects.get()
    assert (created.type, created.payload["model"], created.payload["label"]) == (
        "ObjectCreated",
        "people.channel",
        "#support",
    )


def test_so_is_a_name_that_was_missing(now: datetime) -> None:
    Channel.objects.create(slack_id="C100")

    services.channel("C100", "support", now=now)

    assert StoredEvent.objects.get().payload["changes"] == {"name": ["", "support"]}


def test_a_name_that_was_there_is_kept_and_is_no_event(now: datetime) -> None:
    Channel.objects.create(slack_id="C100", name="support")

    services.channel("C100", "other", now=now)

    assert Channel.objects.get().name == "support"
    assert not StoredEvent.objects.exists()
