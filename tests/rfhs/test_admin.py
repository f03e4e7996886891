"""Requests in the admin: the list, the page, and every step as a dialog that loses nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from apps.people.models import Agent
from apps.rfhs import services
from apps.rfhs.admin.steps import ACTIONS
from apps.rfhs.models import RFH, Note
from apps.rfhs.states import Step
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db


def signed_in(now: datetime, who: Agent, role: str = roles.AGENT) -> Client:
    roles.sync(now)
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


def page(rfh: RFH) -> str:
    return reverse("admin:rfhs_rfh_change", args=[rfh.pk])


def press(client: Client, rfh: RFH, name: str, **typed: Any) -> Any:
    """The dialog, opened and answered as a browser does."""
    return send(client, rfh, name, opened(client, rfh, name) | typed)


def opened(client: Client, rfh: RFH, name: str) -> dict[str, Any]:
    form = client.get(reverse(f"admin:rfhs_rfh_{name}", args=[rfh.pk])).context["form"]
    shown: dict[str, Any] = {}
    for field in form:
        value = field.value()
        shown[field.html_name] = "" if value is None else getattr(value, "pk", value)
        if field.field.show_hidden_initial:
            shown[field.html_initial_name] = shown[field.html_name]
    return shown


def send(client: Client, rfh: RFH, name: str, typed: dict[str, Any]) -> Any:
    return client.post(reverse(f"admin:rfhs_rfh_{name}", args=[rfh.pk]), typed, headers={"HX-Request": "true"})


def test_every_step_is_an_action() -> None:
    assert set(ACTIONS) == set(Step)


def test_a_request_goes_its_whole_way_by_dialogs(now: datetime) -> None:
    ana, farid = make.agent(), make.agent("Farid")
    team = make.heard(make.team("delivery", farid))
    support, engineer = signed_in(now, ana), signed_in(now, farid, roles.ENGINEER)
    rfh = make.rfh(now, by=make.acting(ana))

    press(support, rfh, "ask_teammates")
    services.file(rfh, team=team, by=make.acting(ana), now=now)
    press(engineer, rfh, "acknowledge")
    press(engineer, rfh, "start")
    press(engineer, rfh, "post_update", text="It is the proxy.")
    press(engineer, rfh, "answer", answer="Raise its limit.")
    press(support, rfh, "resolve", solved_by="engineering", learned="Proxies cut uploads.")

    rfh.refresh_from_db()
    assert (rfh.state, rfh.owner, rfh.accountable, rfh.learned) == ("resolved", farid, ana, "Proxies cut uploads.")
    assert rfh.answer == "Raise its limit."
    shown = support.get(page(rfh)).content.decode()
    assert "What we learned" in shown
    assert "It is the proxy." in shown


def test_what_became_impossible_says_what_happened_and_keeps_what_was_typed(now: datetime) -> None:
    farid, greta = make.agent("Farid"), make.agent("Greta")
    rfh = make.filed_rfh(now, team_of=make.team("delivery", farid, greta))
    client = signed_in(now, greta, roles.ENGINEER)
    typed = opened(client, rfh, "answer") | {"answer": "Use the export."}
    services.answer(rfh, answer="Use mmctl.", by=make.acting(farid), now=now)

    refused = send(client, rfh, "answer", typed).content.decode()

    assert "Use the export." in refused
    assert "Farid answered RFH-" in refused
    assert RFH.objects.get().answer == "Use mmctl."


def test_who_read_an_older_version_may_press_again(now: datetime) -> None:
    ana = make.agent()
    rfh = make.filed_rfh(now)
    client = signed_in(now, ana)
    typed = opened(client, rfh, "resolve") | {"learned": "Restart it.", "solved_by": "support"}
    services.answer(rfh, answer="Restart it.", by=make.acting(name="Farid"), now=now)

    refused = send(client, rfh, "resolve", typed)
    again = {field.html_name: field.value() or "" for field in refused.context["form"]}
    done = send(client, rfh, "resolve", again | {"answer": "Restart it."})

    assert "nothing was written" in refused.content.decode()
    assert "HX-Redirect" in done.headers
    assert RFH.objects.get().state == "resolved"


def test_two_who_add_details_lose_nothing(now: datetime) -> None:
    rfh = make.rfh(now)
    client = signed_in(now, make.agent())
    typed = opened(client, rfh, "add_details") | {"environment": "9.3", "urgency": "Friday"}
    services.change(rfh, {"context": {"environment": "9.2", "affected": "Sam"}}, by=make.acting(), now=now)

    refused = send(client, rfh, "add_details", typed)
    again = typed | {"initial-environment": "9.2"}
    done = send(client, rfh, "add_details", again)

    assert "Meanwhile somebody wrote: “9.2”" in refused.content.decode().replace("&ldquo;", "“")
    assert "HX-Redirect" in done.headers
    assert RFH.objects.get().context == {"environment": "9.3", "affected": "Sam", "urgency": "Friday"}


def test_hand_over_tells_who_keeps_the_duty_and_where_the_incident_is(now: datetime) -> None:
    lead, owning, channel = make.agent("Lea"), make.team("delivery"), make.channel("C777", "inc-12")
    rfh = make.filed_rfh(now, team_of=make.team("set", lead))
    RFH.objects.filter(pk=rfh.pk).update(set_item=True)
    client = signed_in(now, lead, roles.LEAD)

    press(client, rfh, "hand_over", team=owning.pk, note="It is the chart.", incident_channel=channel.pk)

    rfh.refresh_from_db()
    assert (rfh.team, rfh.incident_channel, rfh.state) == (owning, "C777", "handed_over")
    shown = client.get(page(rfh)).content.decode()
    assert "Duty of communication" in shown
    # Whoever keeps the duty may go on posting updates.
    press(client, rfh, "post_update", text="Delivery looks at it.")
    assert Note.objects.get(kind="update").by == "Lea"


def test_who_is_not_of_the_team_reads_and_does_nothing(now: datetime) -> None:
    rfh = make.filed_rfh(now)
    client = signed_in(now, make.agent("Stranger"), roles.ENGINEER)

    shown = client.get(page(rfh))

    assert shown.status_code == 200
    assert "data-steps" not in shown.content.decode()
    assert send(client, rfh, "acknowledge", {"_form_submitted": "on"}).status_code == 403


def test_an_engineer_says_whether_they_work_with_the_customer(now: datetime) -> None:
    farid, ana = make.agent("Farid"), make.agent()
    rfh = make.filed_rfh(now, team_of=make.team("delivery", farid), ticket=make.ticket(origin="email"))
    support, engineer = signed_in(now, ana), signed_in(now, farid, roles.ENGINEER)
    press(engineer, rfh, "acknowledge")

    press(support, rfh, "ask_to_join")
    press(support, rfh, "ask_estimate")
    press(engineer, rfh, "answer_join", answer="yes")
    press(engineer, rfh, "give_estimate", estimate="This week")

    shown = support.get(page(rfh)).content.decode()
    assert "Add Farid (farid@example.com) in cc on ticket 4711 in the help desk." in shown
    assert "No promise" in shown


def test_the_list_finds_by_number_ticket_customer_and_words(now: datetime) -> None:
    acme = make.customer(name="Acme Rockets")
    one = make.rfh(now, summary="Uploads are cut", ticket=make.ticket("ZD-88", customer=acme))
    two = make.rfh(now, summary="Boards and their exports")
    client = signed_in(now, make.agent())

    def found(words: str) -> set[int]:
        listed = client.get(reverse("admin:rfhs_rfh_changelist"), {"q": words})
        return {rfh.pk for rfh in listed.context["cl"].result_list}

    assert found(f"RFH-{one.pk}") == {one.pk}
    assert found(f"rfh {two.pk}") == {two.pk}
    assert found("ZD-88") == {one.pk}
    assert found("rockets") == {one.pk}
    assert found("exporting boa") == {two.pk}
    assert found("nowhere") == set()


def test_the_list_asks_as_often_for_many_as_for_one(now: datetime, django_assert_max_num_queries: Any) -> None:
    ana, farid = make.agent(), make.agent("Farid")
    team = make.team("delivery", farid)
    client = signed_in(now, ana)
    address = reverse("admin:rfhs_rfh_changelist")
    for number in range(8):
        rfh = make.filed_rfh(now, team_of=team, ticket=make.ticket(str(number), customer=make.customer(str(number))))
        services.acknowledge(rfh, by=make.acting(farid), now=now)
    client.get(address)

    with django_assert_max_num_queries(16):
        listed = client.get(address, {"over": "no"})

    assert len(listed.context["cl"].result_list) == 8
    assert len(client.get(address, {"mine": "owned"}).context["cl"].result_list) == 0


def test_two_who_edit_the_same_line_see_each_other(now: datetime) -> None:
    rfh = make.rfh(now)
    client = signed_in(now, make.agent())
    typed = {"summary": "Mine", "initial-summary": rfh.summary, "description": "", "kind": "help", "timeline": ""}
    services.change(rfh, {"summary": "Theirs"}, by=make.acting(), now=now)

    refused = client.post(page(rfh), typed)
    done = client.post(page(rfh), typed | {"initial-summary": "Theirs"})

    assert "Meanwhile somebody made it “Theirs”" in refused.content.decode()
    assert done.status_code == 302
    assert RFH.objects.get().summary == "Mine"


def test_a_public_twin_is_proposed_without_the_customer_and_refused_with_the_places(
    now: datetime, settings: Any
) -> None:
    settings.RFH_PRIVATE_TRACKER, settings.RFH_PUBLIC_TRACKER = "acme/customer", "acme/product"
    globex = make.customer("globex", name="Globex Industries")
    rfh = make.filed_rfh(now, kind="defect", customer=globex, summary="Globex Industries cannot upload")
    client = signed_in(now, make.agent())

    shown = opened(client, rfh, "publish")
    refused = send(client, rfh, "publish", shown | {"title": rfh.summary, "affects_several": "on"})
    assert "Globex" not in shown["title"]
    assert "data-places" in refused.content.decode()
    assert rfh.summary in refused.content.decode()
    assert rfh.issues.filter(tracker="public").count() == 0

    done = send(client, rfh, "publish", shown | {"affects_several": "on"})
    assert "HX-Redirect" in done.headers
    assert rfh.issues.get(tracker="public").twin_of == rfh.issues.get(tracker="private")
