"""Subscribers through the API and in the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.statuspage.models import Subscriber
from apps.trail.models import StoredEvent
from tests import make
from tests.api.conftest import Bearer

pytestmark = pytest.mark.django_db
LIST = "/api/v1/subscribers/"


def test_a_webhook_is_added_chosen_for_and_removed(bearing: Bearer) -> None:
    make.component("api")
    client = bearing("incidents")
    asked = {"kind": "webhook", "email": "rita@example.org", "url": "https://example.org/h", "components": ["api"]}

    made = client.post(LIST, asked)
    address = f"{LIST}{made.json()['id']}/"
    chosen = client.patch(address, {"components": []})
    found = client.get(f"{LIST}?kind=webhook&confirmed=true&disabled=false").json()["results"]

    assert (made.status_code, made.json()["components"], len(made.json()["secret"])) == (201, ["api"], 64)
    assert (chosen.json()["components"], "secret" in chosen.json(), len(found)) == ([], False, 1)
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert "rita" not in str(list(StoredEvent.objects.values_list("payload", flat=True)))


def test_an_email_is_asked_and_what_is_none_is_refused_at_its_field(bearing: Bearer) -> None:
    make.component("hidden", public=False)
    client = bearing("incidents")

    assert client.post(LIST, {"kind": "email", "email": "rita@example.org"}).json()["confirmed_at"] is None
    refused = client.post(LIST, {"kind": "webhook", "email": "rita@example.org", "url": "http://example.org"})
    hidden = client.post(LIST, {"kind": "email", "email": "o@example.org", "components": ["hidden"]})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["url"])
    assert hidden.status_code == 400
    assert bearing("read").post(LIST, {}).status_code == 403


def test_a_manager_adds_a_webhook_and_removes_it() -> None:
    browser = Client()
    browser.force_login(make.agent("Root", is_superuser=True, is_staff=True))
    add = reverse("admin:statuspage_subscriber_add")

    refused = browser.post(add, {"kind": "webhook", "email": "rita@example.org", "url": "ftp://example.org"})
    browser.post(add, {"kind": "webhook", "email": "rita@example.org", "url": "https://example.org/h"})
    row = Subscriber.objects.get()
    page = browser.get(reverse("admin:statuspage_subscriber_change", args=[row.pk])).content.decode()
    remove = reverse("admin:statuspage_subscriber_remove", args=[row.pk])
    browser.post(remove, {"_form_submitted": "True"})

    assert "begins with https://" in refused.content.decode()
    assert (row.confirmed_at is not None, row.added_by, "Hears" in page) == (True, "Root", True)
    assert not Subscriber.objects.exists()
