"""Components are kept in order, and archived instead of deleted."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.incidents import services
from apps.incidents.affecting import conditions, spans
from apps.incidents.errors import BadIncident
from apps.incidents.models import Component
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE

pytestmark = pytest.mark.django_db


def test_a_new_component_is_the_last_and_told_of(now: datetime) -> None:
    make.component("api", position=4)

    made = services.save_component(None, name="Search", slug="search", now=now)

    assert (made.position, made.created_at) == (5, now)
    assert StoredEvent.objects.filter(links__stream=made.stream).get().type == "ObjectCreated"


def test_what_is_saved_unchanged_tells_nothing(now: datetime) -> None:
    made = services.save_component(None, name="Search", slug="search", now=now)

    services.save_component(made, name="Search", now=now + MINUTE)

    assert Component.objects.get().updated_at == now
    assert StoredEvent.objects.filter(links__stream=made.stream).count() == 1


def test_a_short_name_that_is_taken_is_refused_beside_its_field(now: datetime) -> None:
    make.component("api")

    with pytest.raises(BadIncident) as refused:
        services.save_component(None, name="Interface", slug="api", now=now)

    assert list(refused.value.errors) == ["slug"]


def test_what_is_broken_now_is_not_archived(now: datetime) -> None:
    api = make.component("api")
    broken = make.incident(components=[{"slug": "api", "status": "major_outage"}])

    with pytest.raises(BadIncident, match=broken.number):
        services.archive(api, now=now)

    services.close(broken, by=make.acting(), now=now + MINUTE)
    services.archive(api, now=now + MINUTE)
    assert api.archived
    services.restore(api, now=now + MINUTE)
    assert not api.archived


def test_a_component_is_as_bad_as_the_worst_that_happens_to_it(now: datetime) -> None:
    api = make.component("api")
    mild = make.incident(components=[{"slug": "api", "status": "degraded_performance"}])
    bad = make.incident(components=[{"slug": "api", "status": "major_outage"}])
    assert conditions() == {api.pk: "major_outage"}

    services.close(bad, by=make.acting(), now=now + MINUTE)

    assert conditions() == {api.pk: "degraded_performance"}
    services.post_update(
        mild, by=make.acting(), now=now + 2 * MINUTE, components=[{"slug": "api", "status": "operational"}]
    )
    assert conditions() == {}
    assert [(span.since, span.until) for span in spans(mild)[api]] == [(now, now + 2 * MINUTE)]
