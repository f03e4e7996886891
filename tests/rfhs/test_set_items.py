"""Work for the Sustained Engineering Team: items, and questions that were answered on the spot."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.notices.models import Notice
from apps.rfhs import services
from apps.rfhs.errors import BadRFH
from apps.rfhs.models import RFH, AnsweredHere
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


def types_about(stream: str) -> list[str]:
    """Without the promises of its incident, which show there as well."""
    found = StoredEvent.objects.filter(about__contains=[stream]).order_by("position")
    return [event.type for event in found if event.payload.get("kind") != "incident"]


def test_an_item_is_the_primarys_on_shift_at_once(now: datetime) -> None:
    farid, greta, team = make.agent("Farid"), make.agent("Greta"), make.team("set")
    # Two weeks after the turns began: the first again.
    make.rotation(make.layer(farid, greta), make.layer(greta, farid, role="backup"), team_of=team)

    rfh, fresh = services.make_item(
        team=team,
        by=make.acting(),
        now=now,
        summary="Search is slow",
        source="channel",
        source_key="C0SET:1.2",
        level="L2",
        symptoms=["slow"],
        context={"version": "10.2"},
    )

    assert (rfh.state, rfh.set_item, rfh.owner, fresh) == ("filed", True, farid, True)
    own = [kind for kind in types_about(rfh.stream) if not kind.startswith("Incident")]
    assert own == ["RFHOpened", "RFHFiled", "ClockStarted", "RFHAssigned"]
    assert rfh.incidents.get().point == farid
    assert StoredEvent.objects.get(type="RFHAssigned").payload["because"] == "primary on shift"
    assert StoredEvent.objects.get(type="RFHFiled").payload["tracker"] == ""
    assert [detail.name for detail in rfh.missing] == [
        "database",
        "configuration",
        "logs",
        "what_is_slow",
        "cpu_profile",
    ]


def test_with_nobody_on_duty_nobody_owns_it_and_the_trail_says_so(now: datetime) -> None:
    rfh, _ = services.make_item(
        team=make.heard(make.team("set")), by=make.acting(), now=now, summary="Slow", source="board", bug_class="hotfix"
    )

    assert (rfh.owner, rfh.kind) == (None, "defect")
    assert types_about(rfh.stream)[-1] == "ItemWithoutOwner"
    # The need, and that somebody has to take it.
    _, shift = Notice.objects.filter(recipient="CSET").order_by("pk")
    assert "Nobody is primary on shift for *Set*" in shift.text
    assert "rfh_acknowledge" in str(shift.blocks)


def test_the_same_message_makes_one_item(now: datetime) -> None:
    made = [
        services.make_item(
            team=make.team("set"), by=make.acting(), now=now, summary="Slow", source="channel", source_key="C0SET:1.2"
        )
        for _ in range(2)
    ]

    assert [fresh for _, fresh in made] == [True, False]
    assert RFH.objects.count() == 1


def test_an_item_without_words_is_none(now: datetime) -> None:
    with pytest.raises(BadRFH):
        services.make_item(team=make.team("set"), by=make.acting(), now=now, summary=" ", source="board")


def test_a_question_answered_on_the_spot_is_recorded_once_and_makes_no_item(now: datetime) -> None:
    team, farid = make.team("set"), make.agent("Farid")

    for _ in range(2):
        kept = services.answered_here(
            team=team, question="Which port?", answer="8065", by=farid, now=now, source="channel", key="C0SET:1.2"
        )

    assert (AnsweredHere.objects.get(), RFH.objects.count()) == (kept, 0)
    assert types_about("team:set") == ["QuestionAnsweredHere"]
