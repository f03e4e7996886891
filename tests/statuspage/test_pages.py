"""What people read of how things are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.incidents import services
from apps.incidents.models import Component, ComponentGroup, ImpactChange, Incident, Maintenance, Update
from apps.statuspage import markdown
from apps.statuspage.memory import memory
from apps.statuspage.models import Rendering
from tests import make
from tests.make import NOW
from tests.statuspage.reading import get, rendered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Any:
    memory.forget()
    yield
    memory.forget()


def test_an_incident_is_on_the_page_in_its_month_and_on_its_component() -> None:
    component = make.component("api")
    now = timezone.now()
    incident = make.incident(
        now=now, public_text="We **look**.", components=[{"slug": "api", "status": "partial_outage"}]
    )
    rendered()

    page = get().content.decode()
    whole = get(f"/status/incidents/{incident.public_id}/").content.decode()
    month = get(f"/status/history/{now:%Y-%m}/").content.decode()
    of_component = get(f"/status/components/{component.public_id}/").content.decode()

    assert "<strong>look</strong>" in page
    assert "Major Service Outage" in page
    assert "Partial outage" in page
    assert "Api: partial outage" in whole
    for each in (page, month, of_component):
        assert f"/status/incidents/{incident.public_id}/" in each


def test_maintenance_is_shown_before_it_begins_and_an_empty_page_says_so() -> None:
    rendered()
    empty = get().content.decode()
    planned = Maintenance.objects.create(
        title="New disks",
        starts_at=timezone.now() + timedelta(days=1),
        ends_at=timezone.now() + timedelta(days=2),
        created_at=NOW,
        updated_at=NOW,
    )
    rendered()

    assert "All Systems Operational" in empty
    assert "No component is shown here yet." in empty
    assert "New disks" in get().content.decode()
    assert "New disks" in get(f"/status/maintenance/{planned.public_id}/").content.decode()


def test_only_what_became_another_is_built_anew() -> None:
    make.component("api")
    make.incident(public_text="We look.")
    other = make.incident("Search is slow", public_text="We look here.")
    rendered()
    before = {row.path: row.changed_at for row in Rendering.objects.exclude(made_of="")}

    services.post_update(other, public_text="Found it.", by=make.acting(), now=NOW)
    rendered()

    after = {row.path: row.changed_at for row in Rendering.objects.exclude(made_of="")}
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {f"/status/incidents/{other.public_id}/", "/status/history/2026-03/"}


def test_texts_may_say_nothing_that_a_browser_would_do() -> None:
    said = markdown.render(
        "# Head\n<script>x</script> [a](javascript:alert(1)) [b](data:text/html,x) ![c](https://evil.example/p.png)\n\n"
        "[d](https://example.com/?a=1&b=2)"
    )

    assert "<script" not in said
    assert "<img" not in said
    assert "<h1" not in said
    assert 'href="javascript' not in said
    assert 'href="data' not in said
    assert 'href="https://example.com/?a=1&amp;b=2" rel="nofollow noopener noreferrer"' in said


def test_a_thousand_incidents_and_two_hundred_components_are_a_small_page() -> None:
    now = timezone.now()
    group = ComponentGroup.objects.create(name="All of them", created_at=NOW, updated_at=NOW)
    components = Component.objects.bulk_create(
        Component(
            name=f"Component {each}",
            slug=f"c-{each}",
            group=group if each % 2 else None,
            position=each,
            created_at=now - timedelta(days=400),
            updated_at=NOW,
        )
        for each in range(200)
    )
    began = [now - timedelta(hours=each * 2) for each in range(1000)]
    incidents = Incident.objects.bulk_create(
        Incident(
            title=f"Incident {each}",
            level="L1",
            impact="major",
            status="resolved" if each > 40 else "investigating",
            closed_at=at + timedelta(minutes=30) if each > 40 else None,
            reported_at=at,
            declared_at=at,
            modified_at=at,
            updated_at=at,
            published_at=at,
            public_title=f"Incident {each}",
            public_status="resolved" if each > 40 else "investigating",
            public_impact="major",
            public_at=at,
        )
        for each, at in enumerate(began)
    )
    Update.objects.bulk_create(
        Update(
            incident=each,
            position=position,
            status="investigating",
            public_text="We look into it. " * 20,
            by="Ana",
            at=each.reported_at,
            published_at=each.reported_at,
        )
        for each in incidents
        for position in (1, 2)
    )
    ImpactChange.objects.bulk_create(
        ImpactChange(
            incident=each,
            component=components[number % 200],
            status="partial_outage",
            since=each.reported_at,
            public=True,
        )
        for number, each in enumerate(incidents)
    )
    rendered()
    page = get(accept_encoding="gzip")

    assert len(page.content) < 60_000
    assert page.status_code == 200
    assert get(f"/status/incidents/{incidents[999].public_id}/").status_code == 200
    assert "more" in get().content.decode()
    assert Rendering.objects.filter(path__startswith="/status/incidents/").count() == 1000
