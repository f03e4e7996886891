"""The public knows what somebody who may publish told it, and nothing before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.incidents import services
from apps.incidents.errors import IncidentError
from apps.incidents.models import Incident, Maintenance
from apps.incidents.services import maintenance
from apps.people.acting import Acting
from apps.rfhs import services as rfhs
from apps.statuspage.rendering import render
from apps.statuspage.snapshot import Snapshot
from apps.statuspage.visible import snapshot
from tests import make
from tests.make import MINUTE, NOW
from tests.statuspage.reading import get, rendered

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
BROKEN = [{"slug": "api", "status": "partial_outage"}]
Step = Callable[[Incident, Acting], object]


def known() -> Snapshot:
    return snapshot(at=NOW)


def published(**fields: object) -> Incident:
    make.component("api")
    who = make.agent("Farid")
    return make.incident(public_text="We look.", components=BROKEN, point=who, now=NOW, **fields)


def close(made: Incident) -> None:
    services.close(made, by=make.acting(), now=NOW + 10 * MINUTE)


def invalidate(made: Incident) -> None:
    services.mark_invalid(made, because="A test", by=make.acting(), now=NOW + 10 * MINUTE)


def unpublish(made: Incident) -> None:
    services.unpublish(made, because="It names Acme", by=make.acting(), now=NOW + 10 * MINUTE)


STEPS: dict[str, Step] = {
    "title": lambda made, by: services.change(made, {"title": "Acme lost its data"}, by=by, now=LATER),
    "severity": lambda made, by: services.change(made, {"severity": "sev-5"}, by=by, now=LATER),
    "beginning": lambda made, by: services.change(made, {"reported_at": NOW - MINUTE}, by=by, now=LATER),
    "end": lambda made, by: services.change(made, {"closed_at": LATER}, by=by, now=LATER),
    "reopen": lambda made, by: services.reopen(made, because="Acme", by=by, now=LATER, public_text="Acme again."),
    "reopen quietly": lambda made, by: services.reopen(made, because="Acme", by=by, now=LATER),
    "update": lambda made, by: services.post_update(
        made,
        by=by,
        now=LATER,
        status="monitoring",
        public_text="Acme",
        internal_note="Acme",
        components=[{"slug": "api", "status": "major_outage"}],
        changes={"title": "Acme", "severity": "sev-5", "reported_at": NOW - MINUTE},
        published=True,
    ),
    "edit": lambda made, by: services.edit_update(made.updates.get(position=1), public_text="Acme", by=by, now=LATER),
    "note": lambda made, by: services.edit_update(made.updates.get(position=1), internal_note="Acme", by=by, now=LATER),
    "RCA": lambda made, by: services.link_rca(made, url="https://acme.example", public=True, by=by, now=LATER),
    "own RCA": lambda made, by: services.link_rca(made, url="https://acme.example", by=by, now=LATER),
    "publish": lambda made, by: services.publish(made, public_text="Acme", by=by, now=LATER),
}


@pytest.mark.parametrize("before", [None, close, invalidate, unpublish])
def test_whatever_an_agent_does_reaches_nobody_outside(before: Callable[[Incident], None] | None) -> None:
    made, agent = published(), make.acting(make.agent())
    if before is not None:
        before(made)
    public = known()

    for name, step in STEPS.items():
        with suppress(IncidentError):
            step(Incident.objects.get(pk=made.pk), agent)

        assert known() == public, name


def test_how_it_stands_is_told_with_the_next_word_and_a_title_once_somebody_decides_on_it() -> None:
    made, agent = published(), make.acting(make.agent())
    services.change(made, {"title": "Acme lost its data", "severity": "sev-3"}, by=agent, now=NOW)

    services.post_update(made, public_text="Soon.", by=make.acting(), now=NOW + MINUTE)

    [public] = known().incidents
    assert (public.title, public.severity, public.impact) == ("Login is down", "sev-3", "minor")
    assert made.awaiting_since == NOW
    services.decline(made, because="It names a customer", by=make.acting(), now=NOW + MINUTE)
    services.change(made, {"severity": "sev-2"}, by=make.acting(), now=NOW + 2 * MINUTE)
    assert (known().incidents[0].title, made.awaiting_since) == ("Login is down", None)

    services.publish(made, by=make.acting(), now=NOW + 3 * MINUTE)

    assert known().incidents[0].title == "Acme lost its data"


def test_what_is_closed_among_ourselves_is_closed_for_us_alone() -> None:
    made = published()
    public = known()

    services.close(made, by=make.acting(), now=LATER, published=False)

    assert known() == public
    services.publish(made, by=make.acting(), now=LATER)
    assert (known().incidents[0].resolved_at, known().components[0].status) == (LATER, "operational")


def test_who_writes_of_a_request_tells_the_public_nothing() -> None:
    rfh = make.filed_rfh()
    rfhs.change(rfh, {"level": "L2"}, by=make.acting(), now=NOW)
    made = Incident.objects.get()
    services.publish(made, public_text="We look.", by=make.acting(), now=NOW)
    public = known()

    rfhs.change(rfh, {"level": "L1"}, by=make.acting(), now=NOW + MINUTE)

    made.refresh_from_db()
    assert (made.level, made.awaiting_since) == ("L1", NOW + MINUTE)
    assert known() == public


def test_what_is_said_of_a_hidden_component_is_no_word_to_the_public() -> None:
    make.component("secret", public=False)
    made = published()

    services.post_update(made, components=[{"slug": "secret"}], by=make.acting(), now=NOW + MINUTE)

    assert len(known().incidents[0].updates) == 1


def test_a_note_on_planned_work_is_no_word_to_the_public() -> None:
    by = make.acting()
    work = maintenance.plan(title="Disks", starts_at=NOW, ends_at=NOW + timedelta(hours=1), by=by, now=NOW)

    maintenance.post_update(work, internal_note="Acme complains", by=by, now=NOW + MINUTE)

    [public] = known().maintenances
    assert [each.status for each in public.updates] == ["in_progress", "scheduled"]
    assert Maintenance.objects.get().updates.count() == 2


def test_no_letter_that_somebody_typed_takes_the_page_away() -> None:
    made = make.incident("Log\x01in\uffff is down", public_text="We \x0b look\x0c. &#12; &#1; &#xfffe;\x1b[0m")
    made.refresh_from_db()

    rendered()

    assert b"is down" in get("/history.atom").content
    assert b"is down" in get("/status/").content


def test_a_mistyped_year_is_refused() -> None:
    """It would be in no calendar, and no page could be made."""
    long_ago = NOW.replace(year=26)

    for refused in (
        lambda: make.incident(reported_at=long_ago),
        lambda: services.change(make.incident(), {"reported_at": long_ago}, by=make.acting(), now=NOW),
    ):
        with pytest.raises(IncidentError, match="slip of the finger"):
            refused()
    render(now=timezone.now())


def test_json_is_answered_whatever_a_client_says_it_accepts() -> None:
    rendered()

    for path, accepts in (("/api/v2/summary.json", "text/html"), ("/ping", "text/plain"), ("/list?format=xml", "*/*")):
        assert Client(headers={"accept": accepts}).get(path).status_code == 200, path
