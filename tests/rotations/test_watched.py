"""What is changed of a rotation outside the application is in its story, and what services do is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from apps.rotations import services
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
NOW = make.NOW
DAY = timedelta(days=1)


def outside() -> list[str]:
    return [event.sentence for event in StoredEvent.objects.filter(type="ChangedOutside").order_by("position")]


def test_whatever_services_do_is_told_by_them_alone() -> None:
    ana, ben, cem = make.agent("Ana"), make.agent("Ben"), make.agent("Cem")
    make.team()
    told = len(outside())
    rotation = make.rotation(make.layer(ana, ben))
    made = services.add_override(rotation, remove=ana, add=cem, ends_at=NOW + 2 * DAY, reason="ill", now=NOW)
    services.change_roster(rotation.layers.get(), [[ben.email], [cem.email]], now=NOW)
    services.keep_history(rotation, now=NOW + DAY)
    services.end_override(made, now=NOW + DAY)
    services.archive(rotation, now=NOW + DAY)
    services.restore(rotation, now=NOW + DAY)

    assert outside()[told:] == []


def test_an_override_changed_by_sql_is_in_the_rotations_story() -> None:
    ana = make.agent("Ana")
    rotation = make.rotation(make.layer(ana))
    services.add_override(rotation, remove=ana, ends_at=NOW + DAY, reason="ill", now=NOW)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE rotations_override SET reason = 'well'")

    assert outside()[-1].startswith("Override in rotation “SET” was changed outside the application")
    assert StoredEvent.objects.filter(type="ChangedOutside").latest("position").about == ["rotation:set"]
