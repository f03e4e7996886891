"""One's own profile, the sign-in page, and the pages for when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.people.models import Agent
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(Agent.objects.get(pk=agent.pk))
    return client


def test_saving_the_profile_is_one_event() -> None:
    ana = make.agent("Ana")
    client = signed_in(ana)

    client.post("/profile/", {"first_name": "Ana", "nickname": "An", "time_zone": "Europe/Paris"})

    ana.refresh_from_db()
    event = StoredEvent.objects.get()
    assert (ana.nickname, ana.time_zone) == ("An", "Europe/Paris")
    assert event.payload["changes"] == {"nickname": ["", "An"], "time_zone": ["", "Europe/Paris"]}
    assert event.actor_id == str(ana.pk)


def test_the_chosen_zone_is_the_one_pages_are_in() -> None:
    client = signed_in(make.agent("Ana", time_zone="America/New_York"))
    client.cookies["time_zone"] = "Europe%2FParis"

    text = client.get("/profile/").content.decode()

    assert 'name="portal-zone" content="America/New_York" data-chosen="America/New_York"' in text


def test_without_a_choice_the_browsers_zone_is_used() -> None:
    client = signed_in(make.agent("Ana"))
    client.cookies["time_zone"] = "Europe%2FParis"

    text = client.get("/profile/").content.decode()

    assert 'name="portal-zone" content="Europe/Paris" data-chosen="" data-reload="1"' in text


def test_a_zone_that_does_not_exist_is_refused() -> None:
    ana = make.agent("Ana")

    response = signed_in(ana).post("/profile/", {"first_name": "Ana", "time_zone": "Mars/Olympus"})

    ana.refresh_from_db()
    assert response.status_code == 200
    assert response.context["form"].errors["time_zone"]
    assert ana.time_zone == ""


def test_nobody_takes_a_slack_id_for_themselves() -> None:
    ana = make.agent("Ana")

    signed_in(ana).post("/profile/", {"first_name": "Ana", "slack_id": "UBOSS"})

    ana.refresh_from_db()
    assert ana.slack_id == "UANA"


def test_whoever_may_change_agents_may_set_it() -> None:
    ana = make.agent("Ana")
    ana.user_permissions.add(Permission.objects.get(codename="change_agent"))

    signed_in(ana).post("/profile/", {"first_name": "Ana", "slack_id": "UNEW"})

    ana.refresh_from_db()
    assert ana.slack_id == "UNEW"


def test_a_slack_id_that_is_taken_is_refused() -> None:
    make.agent("Ben")
    ana = make.agent("Ana")
    ana.user_permissions.add(Permission.objects.get(codename="change_agent"))

    response = signed_in(ana).post("/profile/", {"first_name": "Ana", "slack_id": "UBEN"})

    assert response.context["form"].errors["slack_id"]


def test_a_visitor_has_no_profile() -> None:
    assert Client().get("/profile/").status_code == 302


def test_the_demo_offers_its_sign_ins_and_nothing_else_does(settings: Any) -> None:
    without = Client().get("/admin/login/").content.decode()
    settings.DEMO = True
    with_them = Client().get("/admin/login/").content.decode()

    assert "manager@demo.example" not in without
    assert 'data-sign-in="manager@demo.example"' in with_them


@pytest.mark.parametrize("address", ["/no/such/page/", "/preview/"])
def test_an_address_that_is_not_there_says_so(address: str, settings: Any) -> None:
    settings.DEBUG = False

    response = signed_in(make.agent("Ana")).get(address)

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_a_page_one_may_not_see_says_so(settings: Any) -> None:
    settings.DEBUG = False

    response = signed_in(make.agent("Ana")).get("/admin/tickets/ticket/")

    assert response.status_code == 403
    assert "You may not look here" in response.content.decode()


def test_no_page_holds_a_script_of_its_own() -> None:
    root = Agent.objects.create_superuser("root@example.com")
    ticket = make.ticket()
    client = signed_in(root)

    for address in ("/admin/", f"/admin/tickets/ticket/{ticket.pk}/change/", "/profile/", "/trail/999/"):
        text = client.get(address).content.decode()
        bodies = [part.split(">", 1)[1].split("</script>")[0].strip() for part in text.split("<script")[1:]]
        assert [body for body in bodies if body and not body.startswith("{")] == []
        assert " onclick=" not in text


def test_a_form_without_its_token_says_that_nothing_changed(settings: Any) -> None:
    settings.DEBUG = False
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.agent("Ana"))

    response = client.post("/profile/", {"first_name": "Eve"})

    assert response.status_code == 403
    assert "nothing has changed" in response.content.decode()
    assert Agent.objects.get().first_name == "Ana"
