"""/update-incident over signed HTTP: choosing one of all incidents, and a form that says only what was touched."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.incidents import services
from apps.incidents.models import Incident
from apps.incidents.selectors import read_by_the_public
from apps.people.models import Agent
from tests import make
from tests.make import MINUTE
from tests.slack.inbound import HERE, answers, heard
from tests.slack.incidents import fields, publisher, reporter, send, suggested
from tests.slack.requests import errors
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
NOW = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=3)
SECOND = timedelta(seconds=1)
TS = "1773824400.000100"


def form(standin: StandInSlack, incident: Incident | str = "", user: str = "UANA") -> dict[str, Any]:
    """What the command opens."""
    heard(payloads.slash_command("/update-incident", user=user, channel=HERE, text=str(incident)))
    return standin.views[-1]


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


@pytest.fixture
def ana() -> Agent:
    return reporter()


@pytest.fixture
def mara() -> Agent:
    return publisher()


def test_the_picker_has_crashbot_s_order_and_no_limit(ana: Agent) -> None:
    long = "Logins are slow " * 6
    old = Incident.objects.bulk_create(
        Incident(
            title=f"Old {n}",
            level="L1",
            impact="none",
            status="resolved",
            public_id=f"old{n}",
            declared_by="Ana",
            reported_at=NOW,
            declared_at=NOW,
            modified_at=NOW,
            updated_at=NOW,
            closed_at=NOW + n * SECOND,
        )
        for n in range(120)
    )
    minor, major = make.incident("Minor", severity="sev-3", now=NOW), make.incident(long, severity="sev-1", now=NOW)
    none = make.incident("Nothing", now=NOW)
    services.mark_invalid(none, because="A test", by=make.acting(), now=NOW)

    shown = suggested("incident")

    assert shown["Open"] == [f"🚨 {major} {long}"[:74] + "…", f"🚨 {minor} Minor"]
    assert (len(shown["Resolved"]), shown["Resolved"][0]) == (98, f"✅ {old[-1]} Old 119")
    assert suggested("incident", f"inc-{old[0].pk}") == {"Resolved": [f"✅ {old[0]} Old 0"]}
    assert suggested("incident", "noth") == {"Invalid": [f"🚫 {none} Nothing"]}
    assert suggested("incident", "INC-").keys() == {"Open", "Resolved"}
    assert suggested("incident", user="USTRANGER") == {}


def test_what_is_chosen_turns_the_picker_into_the_form(standin: StandInSlack, ana: Agent) -> None:
    made = make.incident("Logins & <fail>", description="Acme called", severity="sev-2", point=ana, now=NOW)

    said = json.loads(send(form(standin), incident=made.pk).content)

    assert (said["response_action"], said["view"]["callback_id"]) == ("update", "incident_say")
    shown = fields(said["view"])
    assert shown["title"]["initial_value"] == "Logins & <fail>"
    assert shown["status"]["initial_option"]["value"] == "investigating"
    assert (shown["point"]["initial_user"], shown["description"]["initial_value"]) == ("UANA", "Acme called")
    assert shown["reported_at"]["initial_date_time"] == NOW.timestamp()
    assert "Logins &amp; &lt;fail&gt;" in json.dumps(said["view"])
    assert "incident" in errors(send(form(standin), incident="999999"))


def test_a_number_or_the_incident_s_own_channel_opens_the_form(standin: StandInSlack, ana: Agent) -> None:
    made = make.incident(now=NOW)

    callbacks = [form(standin, said)["callback_id"] for said in (made, str(made.pk), "INC-999999", "")]
    Incident.objects.update(slack_channel=HERE)
    callbacks.append(form(standin)["callback_id"])

    say, choose = "incident_say", "incident_choose"
    assert callbacks == [say, say, choose, choose, say]


def test_an_update_says_what_was_touched_and_nothing_else(standin: StandInSlack, ana: Agent) -> None:
    made = make.incident(description="a\n\nb", now=NOW)
    view = form(standin, made)
    # Somebody else changes it while the form is open.
    services.change(made, {"severity": "sev-3", "title": "Mail is down"}, by=make.acting(), now=NOW)

    send(view, status="identified", internal_note="A disk", contact="UANA")

    after = fresh(made)
    assert (after.status, after.severity, after.title) == ("identified", "sev-3", "Mail is down")
    assert (after.contact, after.description, after.reported_at) == (ana, "a\n\nb", NOW)
    assert (after.updates.latest("position").internal_note, after.acknowledged_by) == ("A disk", "Ana")


def test_two_forms_at_once_both_land_and_one_that_is_sent_twice_lands_once(standin: StandInSlack, ana: Agent) -> None:
    reporter("Ben")
    made = make.incident(now=NOW)
    one, two = form(standin, made), form(standin, made, user="UBEN")

    for _ in range(2):
        send(one, internal_note="One", view_id="V1")
    send(two, user="UBEN", internal_note="Two", view_id="V2")

    assert list(made.updates.values_list("internal_note", "by")) == [("", "Ana"), ("One", "Ana"), ("Two", "Ben")]


def test_components_that_are_taken_out_have_recovered(standin: StandInSlack, ana: Agent) -> None:
    for slug in ("api", "web", "mail"):
        make.component(slug)
    states = [{"slug": "api", "status": "major_outage"}, {"slug": "web", "status": "degraded_performance"}]
    made = make.incident(components=states, now=NOW)
    view = form(standin, made)
    begun = [each["text"]["text"] for each in fields(view)["components"]["initial_options"]]

    send(view, components=["api=partial_outage", "mail=major_outage"])

    changed = made.updates.latest("position").components
    assert begun == ["Api: major outage", "Web: degraded performance"]
    assert {each["name"]: each["new"] for each in changed} == {
        "Api": "partial_outage",
        "Web": "operational",
        "Mail": "major_outage",
    }


def test_who_may_closes_it_now_or_when_it_ended_with_its_rca(standin: StandInSlack, mara: Agent) -> None:
    one, two = make.incident(now=NOW), make.incident(now=NOW)
    ended = NOW + 30 * MINUTE

    send(form(standin, one, user="UMARA"), user="UMARA", status="resolved")
    send(
        form(standin, two, user="UMARA"),
        user="UMARA",
        view_id="V2",
        status="resolved",
        closed_at=ended,
        rca_url="https://wiki.example/rca",
    )

    assert fresh(one).closed_at > NOW + timedelta(hours=2)  # type: ignore[operator]
    assert (fresh(two).closed_at, fresh(two).rca_url) == (ended, "https://wiki.example/rca")


def test_what_is_over_is_put_right_reopened_or_was_none(standin: StandInSlack, mara: Agent) -> None:
    make.component("api")
    made = make.incident(now=NOW, components=[{"slug": "api", "status": "major_outage"}])
    services.close(made, by=make.acting(), now=NOW + 60 * MINUTE)
    ended = NOW + 30 * MINUTE

    def says(view_id: str, **said: Any) -> Any:
        return send(form(standin, made, user="UMARA"), user="UMARA", view_id=view_id, **said)

    assert says("V1", closed_at=ended, title="Mail was down", rca_url="https://wiki.example/").content == b""
    assert (fresh(made).closed_at, made.impacts.latest("since").since) == (ended, ended)
    assert [*errors(says("V2", internal_note="More"))] == ["internal_note"]
    assert [*errors(says("V3", status="monitoring"))] == ["internal_note"]
    assert says("V4", status="monitoring", internal_note="It is back", title="Mail is down").content == b""
    assert (fresh(made).status, fresh(made).closed_at, fresh(made).title) == ("monitoring", None, "Mail is down")
    assert [*errors(says("V5", status="invalid"))] == ["internal_note"]
    assert says("V6", status="invalid", internal_note="A test").content == b""
    assert (fresh(made).status, [*errors(says("V7", status="resolved"))]) == ("invalid", ["status"])


@pytest.mark.parametrize(
    ("said", "block"),
    [
        ({"status": "resolved"}, "status"),
        ({"status": "invalid", "internal_note": "A test"}, "status"),
        ({"closed_at": NOW + MINUTE}, "closed_at"),
        ({"rca_url": "https://wiki.example/"}, "rca_url"),
        ({"reported_at": datetime.now(UTC) + timedelta(days=2)}, "reported_at"),
        ({"title": " "}, "title"),
        ({"lead": "USTRANGER"}, "lead"),
        ({"about": "nothing"}, "about"),
        ({}, "public_text"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_changed(
    standin: StandInSlack, ana: Agent, said: dict[str, Any], block: str
) -> None:
    made = make.incident(now=NOW)

    assert [*errors(send(form(standin, made), **said))] == [block]
    assert fresh(made).version == made.version


def test_tickets_are_linked_without_a_word(standin: StandInSlack, ana: Agent) -> None:
    made, ticket = make.incident(now=NOW), make.ticket("4711")

    send(form(standin, made), about="4711")

    assert (list(made.tickets.all()), made.updates.count()) == ([ticket], 1)


def test_what_the_form_cannot_show_is_left_as_it_is(standin: StandInSlack, ana: Agent) -> None:
    silent = make.agent("Silent", slack_id=None)
    made = make.incident("x" * 150, description="y" * 5_000, contact=silent, now=NOW)

    send(form(standin, made), internal_note="Looking")

    shown = fields(standin.views[-1])
    assert "description" not in shown
    assert (fresh(made).title, fresh(made).contact, len(fresh(made).description)) == ("x" * 150, silent, 5_000)
    assert "contact Silent" in json.dumps(standin.views[-1])


def test_who_may_not_is_told_so(standin: StandInSlack, ana: Agent) -> None:
    view = form(standin, make.incident(now=NOW))
    make.agent("Eve")

    for user in ("UEVE", "USTRANGER"):
        heard(payloads.slash_command("/update-incident", user=user, channel=HERE))
        assert "status" in errors(send(view, user=user, internal_note="x"))

    assert ["may not update" in answers()[0].text, "do not know you" in answers()[1].text] == [True, True]
    assert len(standin.views) == 1


def press(action: str, incident: Incident | str, user: str = "UANA") -> str:
    value = str(incident.pk) if isinstance(incident, Incident) else incident
    heard(payloads.block_actions(action, user=user, channel=HERE, message_ts=TS, value=value))
    return answers()[-1].text if answers() else ""


def test_acknowledged_in_a_click_once(ana: Agent) -> None:
    reporter("Ben")
    made = make.incident(now=NOW)

    said = [press("incident_acknowledge", made, user) for user in ("UANA", "UBEN")]

    assert (fresh(made).acknowledged_by, fresh(made).point) == ("Ana", ana)
    assert [said[0], "Ana acknowledged" in said[1]] == ["", True]
    assert "no such incident" in press("incident_acknowledge", "999999")
    assert "do not know you" in press("incident_acknowledge", made, "USTRANGER")


def test_a_channel_is_asked_for_in_a_click_once(ana: Agent) -> None:
    made = make.incident(now=NOW)

    said = [press("incident_channel", made) for _ in range(2)]

    assert fresh(made).channel_asked_at
    assert [said[0], "about to get one" in said[1]] == ["", True]


def test_what_was_read_is_published_in_a_click_and_nothing_that_came_since(ana: Agent, mara: Agent) -> None:
    made = make.incident(by=make.acting(ana), public_text="We look.", now=NOW)
    value = f"{made.pk}:{read_by_the_public(fresh(made))}"
    assert "Only managers and leads may publish" in press("incident_publish", value)
    services.post_update(made, by=make.acting(ana), public_text="It is Acme’s fault.", now=NOW)

    assert "Somebody changed" in press("incident_publish", value, "UMARA")
    assert not fresh(made).is_public

    # What is for us alone takes nobody's button away.
    value = f"{made.pk}:{read_by_the_public(fresh(made))}"
    services.post_update(made, by=make.acting(ana), internal_note="It was a disk.", now=NOW)
    services.note_channel(made, channel="C0ROOM", name="inc-7", by=make.acting(ana), now=NOW)
    press("incident_publish", value, "UMARA")
    assert fresh(made).is_public


def test_buttons_open_the_form_and_close_with_last_words(standin: StandInSlack, ana: Agent, mara: Agent) -> None:
    made = make.incident(public_text="We look.", now=NOW)

    press("incident_update", made)
    refused = press("incident_close", made)
    press("incident_close", made, "UMARA")
    update, close = standin.views
    wrong = errors(send(close, user="UMARA", closed_at=NOW - MINUTE))
    send(close, user="UMARA", public_text="It is **over**.", internal_note="A disk")

    assert (update["callback_id"], "Only managers and leads" in refused) == ("incident_say", True)
    assert [*wrong] == ["closed_at"]
    last = made.updates.latest("position")
    assert (fresh(made).status, last.public_text, last.internal_note) == ("resolved", "It is **over**.", "A disk")
    assert last.published_at is not None
    assert "not possible while the incident is resolved" in press("incident_close", made, "UMARA")
