"""Why an incident happened: written from a template, by several at once, and linked when it is finished."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.dashboard.yours import yours
from apps.incidents import services
from apps.incidents.errors import IllegalStep
from apps.incidents.models import RCA, Action, Incident
from apps.incidents.services import rca as writing
from apps.trail.models import StoredEvent
from tests import make
from tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db
WHO = make.acting()


@pytest.fixture
def client() -> Client:
    agent = make.agent("Rea", is_staff=True)
    rights = ["view_incident", "change_incident", "view_storedevent", "view_ticket"]
    agent.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(agent)
    return client


def form(client: Client, incident: Incident) -> dict[str, str]:
    """What the page would send, as it is."""
    page = client.get(f"/incidents/{incident.pk}/rca/").content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    texts = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    sent |= {name: unescape(value) for name, value in texts}
    sent |= dict(re.findall(r'<input type="(?:text|date)" name="([^"]+)" value="([^"]*)"', page))
    chosen = re.findall(
        r'<select name="([^"]+)"[^>]*>(?:(?!</select>).)*<option value="(\d+)" selected', page, re.DOTALL
    )
    return sent | dict(chosen)


def press(client: Client, incident: Incident, do: str, said: dict[str, Any] | None = None) -> Any:
    return client.post(f"/incidents/{incident.pk}/rca/", {**(said or {}), "do": do})


def test_it_begins_with_what_is_known_and_is_linked_when_it_is_finished(client: Client) -> None:
    make.component("api")
    incident = make.incident(
        tickets=[make.ticket(customer=make.customer("acme", name="Acme"))],
        internal_note="It is the disk",
        components=[{"slug": "api", "status": "major_outage"}],
    )
    press(client, incident, "begin")
    rca = RCA.objects.get()
    assert "Acme: 4711" in rca.impact
    assert "Api: major outage from 2026-03-18 09:00 UTC" in rca.impact
    assert "among ourselves “It is the disk”" in rca.timeline

    ben = make.agent("Ben")
    said = {**form(client, incident), "causes": "The disk", "summary": ""}
    said |= {"action-0-text": "Watch the disks", "action-0-owner": ben.pk, "action-0-due_on": "2026-04-01"}
    refused = press(client, incident, "finish", said)

    # The incident is open, so it cannot be finished; what was typed is saved all the same.
    assert "is not possible while the incident is investigating" in refused.content.decode()
    assert Action.objects.get().owner == ben

    services.close(incident, by=WHO, now=NOW + MINUTE)
    refused = press(client, incident, "finish", form(client, incident))
    assert "Say in a few sentences what happened." in refused.content.decode()
    press(client, incident, "finish", {**form(client, incident), "summary": "The API was away"})

    incident.refresh_from_db()
    assert incident.rca_url.endswith(f"/incidents/{incident.pk}/rca/")
    assert not incident.rca_public
    action = Action.objects.get()
    assert (action.text, action.due_on) == ("Watch the disks", date(2026, 4, 1))
    press(client, incident, f"done:{action.pk}")
    assert Action.objects.get().done_at is not None
    types = list(StoredEvent.objects.filter(type__startswith="RCA").order_by("position").values_list("type", flat=True))
    assert types == ["RCAStarted", "RCAChanged", "RCAChanged", "RCAFinished", "RCALinked", "RCAActionDone"]


def test_two_who_write_at_once_lose_nothing(client: Client) -> None:
    incident = make.incident()
    rca, _ = writing.begin(incident, texts={"summary": "S", "causes": "C"}, by=WHO, now=NOW)
    writing.save(rca, actions=[writing.Todo("Buy disks")], by=WHO, now=NOW)
    mine = form(client, incident)
    key = Action.objects.get().pk
    theirs = [writing.Todo("Buy large disks", key=key)]
    writing.save(rca, texts={"summary": "Theirs", "impact": "Theirs, too"}, actions=theirs, by=WHO, now=NOW)

    answer = press(
        client, incident, "save", {**mine, "summary": "Mine", "causes": "Mine, alone", "action-0-text": "Rent disks"}
    )

    rca.refresh_from_db()
    assert (rca.summary, rca.impact, rca.causes) == ("Theirs", "Theirs, too", "Mine, alone")
    page = answer.content.decode()
    assert "Somebody wrote here while you did" in page
    assert ">\nMine</textarea>" in page
    assert "Yours: “Rent disks”. Theirs: “Buy large disks”" in page


def test_what_was_typed_while_somebody_finished_it_is_shown_and_saved_by_writing_on(client: Client) -> None:
    incident = make.incident()
    rca, _ = writing.begin(incident, texts={"summary": "S", "causes": "C"}, by=WHO, now=NOW)
    mine = form(client, incident)
    services.close(incident, by=WHO, now=NOW)
    writing.finish(rca, url="https://rca.example.com", by=WHO, now=NOW)

    answer = press(client, incident, "save", {**mine, "summary": "Typed", "action-0-text": "Buy disks"})

    page = answer.content.decode()
    assert "Somebody finished the RCA meanwhile" in page
    assert ">\nTyped</textarea>" in page
    assert 'value="Buy disks"' in page
    press(client, incident, "take_up", {**mine, "summary": "Typed", "action-0-text": "Buy disks"})
    rca.refresh_from_db()
    assert (rca.summary, rca.finished_at) == ("Typed", None)
    assert Action.objects.get().text == "Buy disks"


def test_a_wrong_row_saves_nothing_and_keeps_all_that_was_typed(client: Client) -> None:
    incident = make.incident()
    writing.begin(incident, texts={}, by=WHO, now=NOW)

    answer = press(
        client, incident, "save", {**form(client, incident), "summary": "Typed", "action-0-due_on": "2026-04-01"}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say in a line what is to be done, or remove the row." in page
    assert ">\nTyped</textarea>" in page
    assert RCA.objects.get().summary == ""


def test_the_timeline_is_taken_anew_and_saved_only_when_one_says_so(client: Client) -> None:
    incident = make.incident()
    writing.begin(incident, texts={"timeline": "Old"}, by=WHO, now=NOW)

    page = press(client, incident, "timeline", form(client, incident)).content.decode()

    assert "declared INC" in page
    assert RCA.objects.get().timeline == "Old"


def test_an_rca_is_finished_once_and_of_what_is_closed(client: Client) -> None:
    incident = make.incident()
    rca, _ = writing.begin(incident, texts={"summary": "S", "causes": "C"}, by=WHO, now=NOW)
    with pytest.raises(IllegalStep):
        writing.finish(rca, url="https://x/", by=WHO, now=NOW)
    services.close(incident, by=WHO, now=NOW + MINUTE)
    writing.finish(rca, url="https://x/", by=WHO, now=NOW + MINUTE)
    again, fresh = writing.begin(incident, texts={}, by=WHO, now=NOW + timedelta(days=1))

    assert (again, fresh) == (rca, False)
    assert not writing.save(rca, texts={"summary": "S"}, by=WHO, now=NOW)
    press(client, incident, "take_up")
    assert RCA.objects.get().finished_at is None


def test_home_says_what_a_finished_rca_asks_of_whom() -> None:
    ben, incident = make.agent("Ben"), make.incident()
    ben.user_permissions.set(Permission.objects.filter(codename="view_incident"))
    rca, _ = writing.begin(incident, texts={"summary": "S", "causes": "C"}, by=WHO, now=NOW)
    late, done = writing.Todo("Late", ben, date(2026, 3, 17)), writing.Todo("Done", ben, done=True)
    writing.save(rca, actions=[writing.Todo("Today", ben, date(2026, 3, 18)), late, done], by=WHO, now=NOW)
    services.close(incident, by=WHO, now=NOW + MINUTE)
    assert not yours(ben, {}, now=NOW).lines

    writing.finish(rca, url="https://x/", by=WHO, now=NOW + MINUTE)

    lines = yours(ben, {}, now=NOW + MINUTE).lines
    assert [(line.title, line.word) for line in lines] == [("Late", "Overdue"), ("Today", "To do")]
