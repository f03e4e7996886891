"""Maintenance in the admin: planned in a form that loses nothing, moved by dialogs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from apps.incidents.models import Maintenance
from supportops import roles
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
ADD = reverse("admin:incidents_maintenance_add")
FORM = {
    "title": "Databases move",
    "starts_at_0": "2099-01-01", "starts_at_1": "10:00", "ends_at_0": "2099-01-01", "ends_at_1": "12:00",
    "public": "on", "public_text": "Boards cannot be saved.", "internal_note": "", "remind_before": "3600",
}  # fmt: skip


def client_of(role: str) -> Client:
    roles.sync(NOW)
    agent = make.agent(is_staff=True)
    agent.groups.add(roles.Group.objects.get(name=role))
    client = Client()
    client.force_login(agent)
    return client


def test_a_manager_plans_it_and_what_is_no_plan_is_refused_beside_the_field() -> None:
    part = make.component("api")
    client = client_of(roles.MANAGER)

    refused = client.post(ADD, {**FORM, "components": [part.pk]})
    assert "more than two years ahead" in refused.content.decode()
    assert "Boards cannot be saved." in refused.content.decode()

    soon = {**FORM, "ends_at_0": "2026-12-31", "starts_at_0": "2026-12-31"}
    year = str(datetime.now(tz=UTC).year + 1)
    soon = {name: value.replace("2026", year) for name, value in soon.items()}
    answer = client.post(ADD, {**soon, "components": [part.pk]})

    row = Maintenance.objects.get()
    assert answer.status_code == 302
    assert (row.title, row.created_by, row.remind_before.seconds) == ("Databases move", "Ana", 3600)
    begin = client.post(
        reverse("admin:incidents_maintenance_begin", args=[row.pk]), {"public_text": "Now.", "_form_submitted": "True"}
    )
    assert begin.status_code == 302
    page = client.get(reverse("admin:incidents_maintenance_change", args=[row.pk])).content.decode()
    assert "In progress" in page
    assert "Now." in page


def test_an_agent_sees_it_and_plans_none() -> None:
    client = client_of(roles.AGENT)

    assert client.get(reverse("admin:incidents_maintenance_changelist")).status_code == 200
    assert client.get(ADD).status_code == 403


def test_a_character_that_the_database_does_not_know_is_left_out_of_a_filter() -> None:
    answer = client_of(roles.MANAGER).get("/admin/incidents/maintenance/?status__exact=%00", follow=True)

    assert answer.status_code == 200
