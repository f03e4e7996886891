"""Incidents in the admin: declaring, and every step as a dialog that loses nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.escalations.models import Snooze
from apps.incidents import services
from apps.incidents.admin.steps import ACTIONS
from apps.incidents.models import Component, Incident, Update
from apps.incidents.states import Step
from apps.people.models import Agent
from supportops import roles
from tests import make
from tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ADD = "/admin/incidents/incident/add/"


@pytest.fixture
def client(now: datetime) -> Client:
    """A manager's."""
    return signed_in(now, "Mia", roles.MANAGER)


@pytest.fixture
def agent(now: datetime) -> Client:
    """An agent's, who may not publish."""
    return signed_in(now, "Ben", roles.AGENT)


def signed_in(now: datetime, name: str, role: str) -> Client:
    roles.sync(now)
    who = make.agent(name)
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


def page(incident: Incident) -> str:
    return reverse("admin:incidents_incident_change", args=[incident.pk])


def dialog(incident: Incident, name: str) -> str:
    return reverse(f"admin:incidents_incident_{name}", args=[incident.pk])


def opened(client: Client, address: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field in client.get(address).context["form"]:
        value = field.value()
        if value not in (None, False):
            shown[field.html_name] = getattr(value, "pk", value)
        if field.field.show_hidden_initial:
            shown[field.html_initial_name] = "" if value is None else getattr(value, "pk", value)
    return shown


def press(client: Client, incident: Incident, name: str, query: str = "", **typed: Any) -> Any:
    """The dialog, opened and answered as a browser does."""
    address = dialog(incident, name) + query
    return client.post(address, opened(client, address) | typed, headers={"HX-Request": "true"})


def declare(client: Client, **typed: Any) -> Any:
    fields = {"title": "Login is down", "severity": "sev-2", "at_once": "on", "token": "t-1", **typed}
    return client.post(ADD, {"reported_at_0": "", "reported_at_1": "", **fields})


def test_every_step_is_an_action() -> None:
    assert set(ACTIONS) == set(Step)


def test_declaring_shows_the_severities_and_says_everything_once(client: Client) -> None:
    make.component("api")
    ticket = make.ticket()
    shown = client.get(f"{ADD}?ticket={ticket.number}")
    assert "critical, over half of the users" in shown.content.decode()
    assert shown.context["adminform"].form.initial["tickets"] == [ticket.pk]
    typed = {
        "tickets": [ticket.pk],
        "public_text": "We look into it.",
        "internal_note": "The proxy.",
        "components-api": "by-severity",
    }

    declare(client, **typed)
    again = declare(client, **typed)

    assert "was declared by this form before" in client.get(again.url).content.decode()
    made = Incident.objects.get()
    assert (made.level, made.is_public, made.public_title) == ("L2", True, "Login is down")
    assert [each.number for each in made.tickets.all()] == [ticket.number]
    assert made.impacts.get().status == "partial_outage"
    assert (
        "Declare an incident" in client.get(reverse("admin:tickets_ticket_change", args=[ticket.pk])).content.decode()
    )


def test_a_refused_declaration_keeps_what_was_typed(client: Client) -> None:
    answer = declare(
        client, title="x" * 201, internal_note="The proxy again.", reported_at_0="2099-01-01", reported_at_1="09:00"
    )

    shown = answer.content.decode()
    assert "at most 200 characters" in shown
    assert "This is in the future." in shown
    assert "The proxy again." in shown
    assert not Incident.objects.exists()


def test_what_an_agent_declares_waits_and_is_published_by_a_manager(client: Client, agent: Client) -> None:
    declare(agent, public_text="We look into it.")
    made = Incident.objects.get()
    assert made.awaiting_since
    assert "Waits for approval" in agent.get(page(made)).content.decode()
    assert agent.get(dialog(made, "publish")).status_code == 403
    assert "wait" in client.get("/admin/").context["incidents"].waiting

    press(client, made, "publish")

    made.refresh_from_db()
    assert (made.is_public, made.awaiting_since) == (True, None)


def test_an_incident_goes_its_whole_way_by_dialogs(client: Client) -> None:
    make.component("api")
    made = make.incident(now=NOW)
    press(client, made, "acknowledge")
    press(client, made, "open_channel")
    assert "Its channel in Slack is being made" in client.get(page(made)).content.decode()
    press(
        client,
        made,
        "post_update",
        status="identified",
        public_text="*Found.* <b>",
        **{"components-api": "major_outage"},
    )
    made.refresh_from_db()
    assert (made.status, made.is_public, made.acknowledged_by) == ("identified", True, "Mia")

    press(client, made, "close", public_text="It works again.")
    press(client, made, "link_rca", url="https://example.com/rca", public="on")
    press(client, made, "edit_update", query="?update=2", public_text="*Found it.* <b>")

    made.refresh_from_db()
    assert (made.status, made.rca_public) == ("resolved", True)
    assert made.updates.get(position=2).public_text == "*Found it.* <b>"
    shown = client.get(page(made)).content.decode()
    assert "Major outage" in shown
    assert "<em>Found it.</em> &lt;b&gt;" in shown
    assert "It works again." in shown
    press(client, made, "reopen", because="It is back")
    press(client, made, "unpublish", because="It names a customer")
    press(client, made, "mark_invalid", because="A test")
    made.refresh_from_db()
    assert (made.status, made.published_at) == ("invalid", None)


def test_an_agent_has_no_button_to_close(agent: Client) -> None:
    made = make.incident()

    shown = agent.get(page(made)).content.decode()

    assert "do-post_update" in shown
    assert "do-close" not in shown
    assert "do-mark_invalid" not in shown


def test_who_read_an_older_version_loses_nothing_and_may_press_again(client: Client) -> None:
    made = make.incident()
    address = dialog(made, "post_update")
    typed = opened(client, address) | {"internal_note": "It is the disk."}
    services.post_update(made, internal_note="It is the proxy.", by=make.acting(), now=NOW + MINUTE)

    refused = client.post(address, typed, headers={"HX-Request": "true"})
    again = {field.html_name: field.value() for field in refused.context["form"] if field.value() is not None}
    client.post(address, again | {"components": ""}, headers={"HX-Request": "true"})

    assert "nothing was written" in refused.content.decode()
    assert "It is the disk." in refused.content.decode()
    assert list(Update.objects.values_list("internal_note", flat=True)) == ["", "It is the proxy.", "It is the disk."]


def test_links_are_added_and_removed_by_number(client: Client) -> None:
    old, fresh = make.ticket(number="4711"), make.ticket(number="4712")
    request = make.rfh()
    made = make.incident(tickets=[old])

    refused = press(client, made, "link_others", tickets="4712, 9999")
    press(client, made, "link_others", tickets="4712", rfhs=str(request))

    assert "9999" in refused.content.decode()
    assert list(made.tickets.all()) == [fresh]
    assert list(made.rfhs.all()) == [request]
    assert made.number in client.get(reverse("admin:rfhs_rfh_change", args=[request.pk])).content.decode()


def test_two_who_change_what_is_known_are_told_of_each_other(client: Client) -> None:
    made = make.incident(description="The proxy.", now=NOW)
    form = client.get(page(made)).context["adminform"].form
    typed = {"title": made.title, "initial-title": made.title, "severity": "sev-1", "initial-severity": "sev-1"}
    typed |= {"description": "The disk.", "initial-description": "The proxy."}
    for prefix in ("", "initial-"):
        typed |= {f"{prefix}reported_at_0": "2026-03-18", f"{prefix}reported_at_1": "09:00:00"}
    services.change(made, {"description": "The cache."}, by=make.acting(), now=NOW)

    refused = client.post(page(made), typed)

    assert form.fields["description"].show_hidden_initial
    assert "Meanwhile somebody made it" in refused.content.decode()
    client.post(page(made), typed | {"initial-description": "The cache."})
    assert Incident.objects.get().description == "The disk."


LISTED = {
    "": ["Open one", "Minor one", "Closed one"],
    "?over=no": ["Open one", "Minor one"],
    "?public=waits": [],
    "?public=yes": ["Open one"],
    "?component=api": ["Open one"],
    "?month=2026-03&severity__exact=sev-4": ["Minor one"],
    "?month=1999-13&mine=whose": ["Open one", "Minor one", "Closed one"],
    "?q=minor": ["Minor one"],
    "?q=RFH-1%00": [],
}


def test_the_list_is_in_crashbots_order_and_filtered(client: Client) -> None:
    make.component("api")
    services.close(make.incident("Closed one"), by=make.acting(), now=NOW + MINUTE)
    make.incident("Minor one", severity="sev-4")
    make.incident("Open one", public_text="We look.", components=[{"slug": "api"}])

    for query, found in LISTED.items():
        shown = client.get(f"/admin/incidents/incident/{query}", follow=True).context["cl"].result_list

        assert [each.title for each in shown] == found, query


def test_a_longer_list_asks_the_database_no_more(client: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/incidents/incident/")
        return len(queries)

    make.component("api")
    make.incident(components=[{"slug": "api"}], point=make.agent())
    asked()
    before = asked()
    for name in ("Cleo", "Dora", "Emil"):
        make.incident(components=[{"slug": "api"}], point=make.agent(name))

    assert asked() == before


def test_incidents_are_found_and_declared_from_the_search_over_everything(client: Client) -> None:
    ticket, made = make.ticket(number="4711"), make.incident("The proxy is down")

    def found(words: str) -> list[str]:
        page = client.get("/admin/search/", {"s": words, "extended": "1"})
        return [str(each.title) for each in page.context["results"]]

    assert found("declare")[0] == "Declare an incident"
    assert found(f"declare an incident {ticket.number}")[0] == "Declare an incident about ticket 4711"
    assert f"{made} The proxy is down" in found(made.number)
    assert f"{made} The proxy is down" in found("prox")


def test_components_are_saved_archived_and_hidden(client: Client) -> None:
    typed = {"name": "Search", "slug": "search", "position": "1", "public": "on"}
    client.post("/admin/incidents/component/add/", typed)
    made = Component.objects.get()
    assert made.created_at

    client.post(reverse("admin:incidents_component_archive", args=[made.pk]), {"_form_submitted": "on"})

    made.refresh_from_db()
    assert made.archived
    assert not client.get("/admin/incidents/component/").context["cl"].result_list


def test_people_say_themselves_what_the_public_calls_them(now: datetime, agent: Client) -> None:
    agent.post("/profile/", {"first_name": "Ben", "public_name": "Ben from support"})

    assert Agent.objects.get(first_name="Ben").public_name == "Ben from support"


def test_its_page_says_what_is_owed_and_the_reminders_are_snoozed_with_a_reason(client: Client) -> None:
    now = timezone.now()
    incident = make.incident(now=now - 2 * DAY, contact=make.agent("Carla"))

    shown = client.get(page(incident)).content.decode()
    unsaid = press(client, incident, "snooze", by="4 h", because="")
    refused = press(client, incident, "snooze", by="8 days", because="The vendor works on it")
    address = dialog(incident, "snooze")
    typed = opened(client, address) | {"by": "1 day", "because": "The vendor works on it"}
    for _ in range(2):
        # Pressed twice it is one.
        client.post(address, typed, headers={"HX-Request": "true"})

    assert 'data-promise="update"' in shown
    assert "L1 and L2: every 1 day" in shown
    assert "<b>Carla</b>" in shown
    assert "This field is required" in unsaid.content.decode()
    assert "at most 7 days" in refused.content.decode()
    assert [(row.by, row.because, row.who) for row in Snooze.objects.all()] == [(DAY, "The vendor works on it", "Mia")]
    services.close(incident, by=make.acting(), now=now)
    assert "Snooze the reminders" not in client.get(page(incident)).content.decode()
