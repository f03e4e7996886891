"""Policies for incidents: what they may promise, their form, their effect, and who would hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.escalations.models import Clock
from apps.sla.models import Policy
from apps.sla.services import problems, save_policy
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.sla.wording import governs, ladder, promises
from supportops import shipped
from tests import make
from tests.sla.test_request_policies import manager, typed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADD = "/admin/sla/policy/add/?applies_to=incident"
CONTACT, LEAD = TierSpec(after=HOUR, kind="contact"), TierSpec(after=2 * HOUR, kind="lead")
UPDATE = PromiseSpec("update", HOUR, (CONTACT, LEAD))
SPEC = PolicySpec(name="Severe", applies_to="incident", levels=("L1",), severities=("sev-1",), promises=(UPDATE,))

__all__ = ["manager"]


def test_it_is_told_in_words(now: datetime) -> None:
    made = save_policy(None, SPEC, now=now)

    assert governs(made) == "incidents of L1 and sev-1"
    assert promises(made) == "update every 1 h"
    assert ladder(made) == ["1 h → the contact, else the point", "2 h → the lead"]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (replace(SPEC, promises=(replace(UPDATE, kind="first_answer"),)), "promises.0.kind"),
        (replace(SPEC, severities=("urgent",)), "severities"),
        (replace(SPEC, levels=("L5",)), "levels"),
        (replace(SPEC, channels=("C100",)), "applies_to"),
        (replace(SPEC, priorities=("p1",)), "priorities"),
        (replace(SPEC, applies_to="rfh", severities=()), "levels"),
        (replace(SPEC, applies_to="rfh", severities=(), levels=()), "promises.0.tiers.0.kind"),
        (replace(SPEC, promises=(replace(UPDATE, tiers=(TierSpec(HOUR, "owner"),)),)), "promises.0.tiers.0.kind"),
    ],
)
def test_what_an_incident_does_not_have_is_refused_at_its_place(asked: PolicySpec, path: str) -> None:
    assert path in problems(asked)


def test_a_manager_makes_one_in_the_admin_beginning_with_the_usual(manager: Client) -> None:
    shown = manager.get(f"{ADD}&level=L1").content.decode()

    made = manager.post(
        ADD,
        typed(
            ("acknowledgement", "10 min", {"audience_kind": "contact"}),
            ("update", "1 h", {"audience_kind": "lead"}),
            name="Severe",
            acknowledged_within="15 min",
            updated_every="1 h",
            levels=["L1"],
            severities=["sev-1"],
        ),
    )

    assert 'name="acknowledged_within" value="15 min"' in shown
    assert "The contact, else the point" in shown
    assert 'value="sev-5"' in shown
    assert 'name="teams"' not in shown
    assert "The owner of the request" not in shown
    assert made.status_code == 302, made.content.decode()
    policy = Policy.objects.get()
    assert (policy.applies_to, policy.levels, policy.severities) == ("incident", ["L1"], ["sev-1"])
    assert [(tier.promise, tier.audience_kind) for tier in policy.tiers.all()] == [
        ("acknowledgement", "contact"),
        ("update", "lead"),
    ]


def test_its_effect_is_shown_before_it_is_saved_and_its_page_lists_what_it_governs(
    manager: Client, now: datetime
) -> None:
    shipped.ship_incidents(now)
    incident = make.incident("The login page is down", now=now)

    effect = manager.post(
        ADD, typed(("update", "1 h", {"audience_kind": "lead"}), updated_every="1 h", position="1")
    ).content.decode()
    policy = Policy.objects.get(name="L1 and L2 incidents")
    page = manager.get(f"/admin/sla/policy/{policy.pk}/change/").content.decode()

    assert "Open incidents would change at once" in effect
    assert "The login page is down" in effect
    assert "Open incidents it governs now" in page
    assert Clock.objects.filter(policy=policy).count() == 2
    assert str(incident) in page


def test_who_would_hear_of_an_incident(manager: Client, now: datetime) -> None:
    shipped.ship_incidents(now)
    make.agent("Pat")
    policy = Policy.objects.get(name="Other incidents")

    typical = manager.get(f"/admin/sla/policy/{policy.pk}/test/").content.decode()
    asked = manager.get(
        f"/admin/sla/policy/{policy.pk}/test/", {"severity": "sev-4", "level": "L2", "point": "pat@example.com"}
    ).content.decode()

    assert "If this incident were declared" in typical
    assert "<b>Mia</b> is its contact" in typical
    assert "L1 and L2 incidents governs" in asked
    assert "<b>Pat</b> works on it, and it has no contact" in asked
    assert "Nobody is “The lead of the incident” now, and there is nobody above." in asked
