"""Who hears in Slack that a request for help waits, and what they read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.integrations.slack import rfh_buttons
from apps.notices.models import Notice
from apps.notices.outdated import drop_reasons
from apps.people.models import Agent
from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.sla.models import Tier
from supportops import shipped
from tests import make
from tests.escalations.engine import sweep

HOUR = timedelta(hours=1)


@pytest.fixture
def filed(db: None, now: datetime) -> RFH:
    """Filed with the SET by Ana as p1; Ben is its primary."""
    shipped.ship_requests(now)
    ben = make.agent("Ben")
    team = make.team("set", ben)
    make.rotation(make.layer(ben), slug="set", team_of=team)
    team.channel = make.channel("C0SET", "set")
    team.save()
    return make.filed_rfh(now, team_of=team, by=make.acting(make.agent("Ana")), priority="p1")


def of_tiers() -> list[Notice]:
    return list(Notice.objects.filter(summary__contains=" tier ").order_by("pk"))


def test_the_primary_reads_what_waits_since_when_until_when_and_who_hears_next(
    filed: RFH, now: datetime, settings: Any
) -> None:
    settings.BASE_URL = "https://portal.example.com"
    sweep(now + HOUR / 2)

    [notice] = of_tiers()
    said = json.dumps(notice.blocks, ensure_ascii=False)
    assert (notice.recipient, notice.about) == ("UBEN", f"rfh:{filed.pk}")
    assert f"<https://portal.example.com/admin/rfhs/rfh/{filed.pk}/change/|RFH-{filed.pk}> (P1)" in said
    assert "*Nobody has acknowledged it yet.* <@UBEN>, you are told because you are primary of" in said
    assert "acknowledgement within 1 h" in said
    assert "tier 2, backup of Set" in said
    assert rfh_buttons.ACKNOWLEDGE in said
    assert notice.summary == f"RFH-{filed.pk} · tier 1 · Set · P1 requests for help: acknowledgement within 1 h · " + (
        "waiting 30 min"
    )


def test_who_is_accountable_is_asked_to_take_no_work_of_the_team(filed: RFH, now: datetime) -> None:
    sweep(now + 2 * HOUR)

    [notice] = of_tiers()
    said = json.dumps(notice.blocks, ensure_ascii=False)
    assert notice.recipient == "UANA"
    assert "you answer to the customer for it" in said
    assert "*Overdue*: it was due" in said
    assert rfh_buttons.ACKNOWLEDGE not in said


def test_with_nobody_to_tell_in_person_the_teams_channel_hears(filed: RFH, now: datetime) -> None:
    Agent.objects.update(slack_id=None)

    sweep(now + HOUR / 2)

    [notice] = of_tiers()
    assert (notice.recipient, notice.error) == ("C0SET", "")
    assert "Without a Slack id, so not notified here: Ben, Ana." in json.dumps(notice.blocks, ensure_ascii=False)


def test_with_nobody_of_its_rotation_on_duty_the_teams_channel_hears_beside_who_is_next_above(
    filed: RFH, now: datetime
) -> None:
    Agent.objects.filter(first_name="Ben").update(is_active=False)

    sweep(now + HOUR / 2)

    assert [notice.recipient for notice in of_tiers()] == ["UANA", "C0SET"]


def test_a_tier_that_means_a_channel_is_said_there(filed: RFH, now: datetime) -> None:
    tier = Tier.objects.get(policy__name="P1 requests for help", promise="acknowledgement", position=1)
    Tier.objects.filter(pk=tier.pk).update(audience_kind="channel", channel=make.channel("C0ENG", "eng"), role="")
    services.reopen(_withdrawn(filed, now), because="It is back", by=make.acting(), now=now)

    sweep(now + HOUR / 2)

    assert [notice.recipient for notice in of_tiers()] == ["C0ENG"]


def _withdrawn(rfh: RFH, now: datetime) -> RFH:
    services.withdraw(rfh, because="Found it", by=make.acting(), now=now - HOUR)
    return rfh


def test_where_nothing_can_be_sent_the_notice_says_so(filed: RFH, now: datetime) -> None:
    Agent.objects.update(slack_id=None)
    filed.team.channel = None  # type: ignore[union-attr]
    filed.team.save()  # type: ignore[union-attr]

    sweep(now + HOUR / 2)

    [notice] = of_tiers()
    assert notice.error.startswith("Nowhere to send it")


def test_what_was_acknowledged_meanwhile_is_not_said_any_more(filed: RFH, now: datetime) -> None:
    sweep(now + HOUR / 2)
    services.acknowledge(filed, by=make.acting(), now=now + HOUR / 2)

    assert drop_reasons(of_tiers()) == {of_tiers()[0].pk: "what the request was owed was done meanwhile"}
