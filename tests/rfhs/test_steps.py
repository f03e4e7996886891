"""A request's way from a draft to its end, and what each step refuses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from apps.rfhs import services
from apps.rfhs.errors import BadRFH, ChangedMeanwhile, IllegalStep
from apps.rfhs.models import RFH
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def types(rfh: RFH) -> list[str]:
    return list(
        StoredEvent.objects.filter(about__contains=[rfh.stream])
        .exclude(type="NoticeFailed")
        .order_by("position")
        .values_list("type", flat=True)
    )


def test_the_whole_way(now: datetime) -> None:
    ana, farid = make.agent(), make.agent("Farid")
    by, engineer = make.acting(ana), make.acting(farid)
    rfh = make.rfh(now, by=by, context={"environment": "9.2 on Kubernetes", "urgency": "A demo on Friday"})

    services.ask_teammates(rfh, by=by, now=now)
    services.file(rfh, team=make.heard(make.team("delivery")), by=by, now=now + HOUR)
    services.acknowledge(rfh, by=engineer, now=now + 2 * HOUR)
    services.start(rfh, by=engineer, now=now + 3 * HOUR)
    services.post_update(rfh, text="It is the proxy.", by=engineer, now=now + 4 * HOUR)
    services.answer(rfh, answer="Raise the proxy's limit.", by=engineer, now=now + 5 * HOUR)
    services.resolve(rfh, learned="Proxies cut uploads.", by=by, now=now + 6 * HOUR)

    assert (rfh.state, rfh.outcome, rfh.solved_by) == ("resolved", "answered", "engineering")
    assert (rfh.accountable, rfh.owner, rfh.answered_by) == (ana, farid, "Farid")
    assert rfh.completeness_filed == pytest.approx(2 / 6)
    assert types(rfh) == [
        "RFHOpened",
        "TeammatesAsked",
        "RFHFiled",
        "RFHAcknowledged",
        "RFHStarted",
        "RFHUpdatePosted",
        "RFHAnswered",
        "RFHResolved",
    ]


def test_teammates_come_first_unless_there_is_a_reason_or_a_defect(now: datetime) -> None:
    rfh, defect, team = make.rfh(now), make.rfh(now, kind="defect"), make.heard(make.team("delivery"))

    with pytest.raises(BadRFH) as refusal:
        services.file(rfh, team=team, by=make.acting(), now=now)
    services.file(defect, team=team, by=make.acting(), now=now)
    services.file(rfh, team=team, by=make.acting(), now=now, skip_teammates_because="Production is down")

    assert "skip_teammates_because" in refusal.value.errors
    assert (defect.state, rfh.state) == ("filed", "filed")


def test_a_teammate_who_knows_ends_it(now: datetime) -> None:
    rfh = make.rfh(now)
    services.ask_teammates(rfh, by=make.acting(), now=now)

    services.solved_by_teammate(rfh, answer="Use mmctl.", answered_by="Ben", by=make.acting(), now=now)

    assert (rfh.state, rfh.outcome, rfh.filed_at) == ("resolved", "solved_by_teammate", None)


def test_the_second_who_acknowledges_is_told_what_would_be_legal(now: datetime) -> None:
    rfh = make.filed_rfh(now)
    services.acknowledge(rfh, by=make.acting(make.agent("Farid")), now=now)

    with pytest.raises(IllegalStep) as refusal:
        services.acknowledge(rfh, by=make.acting(make.agent("Greta")), now=now)

    assert refusal.value.legal_from == ["filed", "handed_over"]
    assert RFH.objects.get().owner.email == "farid@example.com"  # type: ignore[union-attr]


def test_who_read_an_older_version_writes_nothing(now: datetime) -> None:
    rfh = make.rfh(now)
    services.change(rfh, {"summary": "Another question"}, by=make.acting(), now=now, version=1)

    with pytest.raises(ChangedMeanwhile):
        services.change(rfh, {"summary": "A third one"}, by=make.acting(), now=now, version=1)

    assert RFH.objects.get().summary == "Another question"


def test_details_are_merged(now: datetime) -> None:
    rfh = make.rfh(now, context={"environment": "9.2"})

    services.change(rfh, {"context": {"urgency": "Friday"}}, by=make.acting(), now=now)

    assert rfh.context == {"environment": "9.2", "urgency": "Friday"}
    assert [detail.name for detail in rfh.missing] == [
        "steps_to_reproduce",
        "recent_changes",
        "affected",
        "not_affected",
    ]


def test_a_feature_request_is_never_p1(now: datetime) -> None:
    with pytest.raises(BadRFH):
        make.rfh(now, kind="feature", priority="p1")
    rfh = make.rfh(now, priority="p1")
    with pytest.raises(BadRFH):
        services.change(rfh, {"kind": "feature"}, by=make.acting(), now=now)


def test_a_set_that_hands_over_goes_on_telling(now: datetime) -> None:
    rfh = make.filed_rfh(now, team_of=make.team("set"))
    RFH.objects.filter(pk=rfh.pk).update(set_item=True)

    services.hand_over(rfh, team=make.team("search"), note="It is the index.", by=make.acting(), now=now)

    assert rfh.state == "handed_over"
    assert (rfh.team.slug, rfh.communicator.slug) == ("search", "set")  # type: ignore[union-attr]


def test_the_same_message_is_one_request(now: datetime) -> None:
    first, fresh = services.begin(by=make.acting(), now=now, source="channel", source_key="C1:1.2", summary="Slow")
    second, again = services.begin(by=make.acting(), now=now, source="channel", source_key="C1:1.2", summary="Slow")

    assert (first, fresh, again) == (second, True, False)


def test_an_incident_is_needed_once_while_the_level_lasts(now: datetime) -> None:
    rfh = make.filed_rfh(now)

    for level in ("L2", "L1", "L3", "L2"):
        services.change(rfh, {"level": level}, by=make.acting(), now=now)

    assert types(rfh).count("IncidentNeeded") == 2
    assert rfh.incident_needed_at == now


@pytest.mark.parametrize(("filed", "state"), [(True, "filed"), (False, "draft")])
def test_reopened_it_goes_back_where_it_was(now: datetime, filed: bool, state: str) -> None:
    rfh = make.filed_rfh(now) if filed else make.rfh(now)
    services.withdraw(rfh, because="The customer left", by=make.acting(), now=now)

    services.reopen(rfh, because="They are back", by=make.acting(), now=now)

    assert (rfh.state, rfh.ended_at, rfh.outcome) == (state, None, "")


def test_who_answers_at_once_has_acknowledged_by_that(now: datetime) -> None:
    answered, solved, withdrawn = make.filed_rfh(now), make.filed_rfh(now), make.filed_rfh(now)

    services.answer(answered, answer="Raise it.", by=make.acting(), now=now)
    services.resolve(solved, learned="Raise it.", by=make.acting(), now=now)
    services.resolve(withdrawn, learned="It went away.", solved_by="customer", by=make.acting(), now=now)

    for rfh, at in ((answered, now), (solved, now), (withdrawn, None)):
        rfh.refresh_from_db()
        assert (rfh.first_acknowledged_at, rfh.first_answered_at) == (at, at)


def test_another_engineer_is_asked_anew_whether_they_work_with_the_customer(now: datetime) -> None:
    farid, greta, rfh = make.agent("Farid"), make.agent("Greta"), make.filed_rfh(now)
    services.acknowledge(rfh, by=make.acting(farid), now=now)
    services.join_customer(rfh, by=make.acting(farid), now=now)
    services.answer(rfh, answer="Raise it.", by=make.acting(farid), now=now)
    services.reopen(rfh, because="No.", by=make.acting(), now=now)

    services.acknowledge(rfh, by=make.acting(greta), now=now)

    assert (rfh.owner, rfh.works_with_customer) == (greta, "")


def test_a_feature_is_re_routed_to_who_plans_it(now: datetime) -> None:
    rfh = make.filed_rfh(now, kind="feature")

    services.reroute(rfh, to="product", note="Asked for by three", by=make.acting(), now=now)
    ended = (rfh.state, rfh.outcome, rfh.rerouted_to)
    services.reopen(rfh, because="They do not plan it", by=make.acting(), now=now)

    assert ended == ("resolved", "rerouted", "product")
    assert rfh.rerouted_to == ""
