"""/create-incident over signed HTTP: a form with Crashbot's fields, checked before it closes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.incidents.models import Component, Incident
from apps.people.models import Agent
from tests import make
from tests.slack.inbound import HERE, answers, heard
from tests.slack.incidents import fields, publisher, reporter, send, suggested
from tests.slack.requests import errors
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]


def form(standin: StandInSlack, text: str = "", user: str = "UANA") -> dict[str, Any]:
    """What the command opens."""
    heard(payloads.slash_command("/create-incident", user=user, channel=HERE, text=text))
    return standin.views[-1]


@pytest.fixture
def ana() -> Agent:
    return reporter()


def test_the_form_has_crashbot_s_fields_and_begins_with_what_is_likely(standin: StandInSlack, ana: Agent) -> None:
    shown = fields(form(standin, "Logins are <slow>"))

    assert [*shown][:6] == ["severity", "reported_at", "point", "contact", "title", "description"]
    assert shown["title"]["initial_value"] == "Logins are <slow>"
    assert (shown["title"]["max_length"], shown["description"]["max_length"]) == (65, 2_000)
    assert shown["severity"]["initial_option"]["value"] == "sev-1"
    assert shown["severity"]["options"][0]["text"]["text"] == "sev-1, L1: critical, over half of the users"
    assert 0 <= datetime.now(UTC).timestamp() - shown["reported_at"]["initial_date_time"] < 120
    assert "publish" not in shown


def test_what_is_sent_is_declared_with_everything_it_says(standin: StandInSlack, ana: Agent) -> None:
    ben, cleo = make.agent("Ben"), make.agent("Cleo")
    make.component("api")
    make.component("web")
    ticket, rfh = make.ticket("4711"), make.rfh()
    began = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=2)

    response = send(
        form(standin),
        title="Logins fail",
        severity="sev-2",
        reported_at=began,
        point="UBEN",
        contact="UCLEO",
        description="Acme called",
        public_text="We look into it.",
        components=["api=major_outage", "web=degraded_performance"],
        about=f"#4711, rfh-{rfh.pk}",
    )

    made = Incident.objects.get()
    assert response.content == b""
    assert (made.title, made.severity, made.level, made.reported_at) == ("Logins fail", "sev-2", "L2", began)
    assert (made.point, made.contact, made.description, made.source) == (ben, cleo, "Acme called", "slack")
    assert (made.declared_by, list(made.tickets.all()), list(made.rfhs.all())) == ("Ana", [ticket], [rfh])
    assert set(made.impacts.values_list("component__slug", "status")) == {
        ("api", "major_outage"),
        ("web", "degraded_performance"),
    }
    assert made.updates.get().public_text == "We look into it."
    assert made.awaiting_since is not None


def test_who_may_publish_publishes_at_once_unless_they_say_no(standin: StandInSlack) -> None:
    publisher()
    view = form(standin, user="UMARA")

    send(view, user="UMARA", title="One", public_text="We look.")
    send(view, user="UMARA", view_id="V2", title="Two", public_text="We look.", publish=[])

    one, two = Incident.objects.order_by("pk")
    assert [one.is_public, two.is_public, two.awaiting_since] == [True, False, None]


def test_a_form_that_is_sent_twice_declares_once(standin: StandInSlack, ana: Agent) -> None:
    view = form(standin)

    for _ in range(2):
        send(view, title="Logins fail")

    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "block"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 66}, "title"),
        ({"description": "x" * 2_001}, "description"),
        ({"severity": "sev-9"}, "severity"),
        ({"reported_at": datetime.now(UTC) + timedelta(days=1)}, "reported_at"),
        ({"point": "USTRANGER"}, "point"),
        ({"about": "4711 9999"}, "about"),
        ({"about": "RFH-999"}, "about"),
        ({"components": ["api=major_outage", "api=partial_outage"]}, "components"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_declared(
    standin: StandInSlack, ana: Agent, said: dict[str, Any], block: str
) -> None:
    make.ticket("4711")
    make.component("api")

    assert [*errors(send(form(standin), **{"title": "Logins fail", **said}))] == [block]
    assert not Incident.objects.exists()


def test_who_may_not_is_told_so_with_their_words(standin: StandInSlack, ana: Agent) -> None:
    view = form(standin)
    make.agent("Eve")

    for user in ("UEVE", "USTRANGER"):
        heard(payloads.slash_command("/create-incident", user=user, channel=HERE, text="<!channel>"))
        assert "title" in errors(send(view, user=user, title="Logins fail"))

    assert len(standin.views) == 1
    assert all("You typed: &lt;!channel&gt;" in said.text and said.private for said in answers())
    assert not Incident.objects.exists()


def test_a_message_is_declared_with_what_it_says_and_once(standin: StandInSlack, ana: Agent) -> None:
    publisher()
    ticket, ts = make.ticket("4711"), "1773824400.000100"

    def choose(user: str) -> None:
        heard(
            payloads.message_action(
                "incident_from_message", user=user, channel=HERE, ts=ts, text="Down &amp; out, #4711"
            )
        )

    choose("UANA")
    choose("UMARA")
    for view, user in zip(standin.views, ("UANA", "UMARA"), strict=True):
        send(view, user=user)
    choose("UMARA")
    choose("USTRANGER")

    made = Incident.objects.get()
    assert (made.title, list(made.tickets.all())) == ("Down & out, #4711", [ticket])
    assert made.reported_at == datetime.fromtimestamp(1773824400, UTC).replace(second=0)
    assert made.description.endswith("\n> Down & out, #4711")
    late, again, stranger = answers()
    assert all("already, declared by Ana" in said.text and said.user == "UMARA" for said in (late, again))
    assert "do not know you" in stranger.text


def test_two_hundred_components_can_be_found_by_what_they_are_called(ana: Agent) -> None:
    group = make.component("one").group
    Component.objects.bulk_create(
        Component(slug=f"c{n}", name=f"Shard {n}", group=group, created_at=make.NOW, updated_at=make.NOW)
        for n in range(200)
    )

    assert suggested("components", "shard 199 major") == {"Shard 199": ["Shard 199: major outage"]}
    assert len(suggested("components")) == 34
    assert suggested("components", user="USTRANGER") == suggested("else") == {}


def test_a_suggestion_slack_would_not_ask_for_is_refused(ana: Agent) -> None:
    assert heard(payloads.block_suggestion("incident", user="UANA", action_id="")).status_code == 400
    assert json.loads(heard(payloads.block_suggestion("incident", "\x00", user="UANA")).content) == {"options": []}
