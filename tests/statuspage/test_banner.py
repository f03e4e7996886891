"""How everything is, in one line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.incidents.models import Maintenance, Severity
from apps.statuspage.badge import DOCUMENTS
from apps.statuspage.banner import Banner, banner
from apps.statuspage.visible import snapshot
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def now_is(*, current: bool = True) -> Banner:
    return banner(snapshot(at=NOW), current=current)


def test_all_is_well() -> None:
    assert now_is() == Banner("operational", "none", "All Systems Operational")


def test_the_worst_of_incidents_and_components_counts() -> None:
    make.component("api")
    make.incident(
        severity="sev-4", public_text="A little slow.", components=[{"slug": "api", "status": "degraded_performance"}]
    )
    assert now_is() == Banner("degraded", "minor", "Partially Degraded Service")

    make.incident(severity="sev-1", public_text="Down.")

    assert now_is() == Banner("outage", "critical", "Major Service Outage")


def test_a_hidden_component_and_an_incident_for_us_alone_count_for_nothing() -> None:
    make.component("api", public=False)
    make.incident(severity="sev-5", public_text="A typo", components=[{"slug": "api", "status": "major_outage"}])
    make.incident(severity="sev-1")

    assert now_is().kind == "operational"


def test_the_words_are_the_tables() -> None:
    Severity.objects.filter(severity="sev-1").update(banner="Everything is down")
    make.incident(severity="sev-1", public_text="Down.")

    assert now_is().words == "Everything is down"


def test_maintenance_counts_where_nothing_is_wrong() -> None:
    Maintenance.objects.create(
        title="Disk",
        status="in_progress",
        started_at=NOW,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        created_at=NOW,
        updated_at=NOW,
    )

    assert now_is() == Banner("maintenance", "maintenance", "Service Under Maintenance")


def test_the_badge_says_it_in_words_and_escapes_them() -> None:
    Severity.objects.filter(severity="sev-1").update(banner="<script>alert(1)</script>")
    make.incident(severity="sev-1", public_text="Down.")

    svg = DOCUMENTS[0].build(snapshot(at=NOW), True).decode()

    assert "status: &lt;script&gt;" in svg
    assert "<script" not in svg
    assert b"Status Unknown" in DOCUMENTS[0].build(snapshot(at=NOW), False)
