"""Who hears in Slack that something is owed of an incident, and what they read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.incidents import services
from apps.incidents.models import Incident
from apps.integrations.slack import incident_buttons
from apps.notices.models import Notice
from apps.notices.outdated import drop_reasons
from apps.people.models import Agent
from tests import make
from tests.escalations.engine import sweep

HOUR = timedelta(hours=1)


@pytest.fixture
def incident(db: None, now: datetime, settings: Any) -> Incident:
    """Of sev-1, so that an update a day is owed; Carla is its contact and Lea leads."""
    settings.INCIDENTS_CHANNEL = "C0CRASH"
    return make.incident("Login <fails>", now=now, contact=make.agent("Carla"), lead=make.agent("Lea"))


def of_tiers() -> list[Notice]:
    return list(Notice.objects.filter(summary__contains=" tier ").order_by("pk"))


def test_the_contact_reads_what_is_owed_and_who_hears_next_then_the_lead_that_it_is_overdue(
    incident: Incident, now: datetime
) -> None:
    sweep(now + 20 * HOUR)
    sweep(now + 25 * HOUR)

    first, last = of_tiers()
    to_contact, to_lead = (json.dumps(notice.blocks, ensure_ascii=False) for notice in (first, last))
    assert (first.recipient, last.recipient, first.about) == ("UCARLA", "ULEA", incident.stream)
    assert "(sev-1, L1)*: Login &lt;fails&gt;" in to_contact
    assert "Nobody has said how it stands for 20 h.* <@UCARLA>, you are told because you are its contact" in to_contact
    assert "tier 2, The contact, else the point" in to_contact
    assert {incident_buttons.UPDATE, incident_buttons.ACKNOWLEDGE} <= {
        each["action_id"] for block in first.blocks for each in block.get("elements", ()) if "action_id" in each
    }
    assert "*Overdue*: it was due" in to_lead
    assert "you are told because you lead it" in to_lead
    assert first.summary == f"{incident.number} · tier 1 · L1 and L2: update every 1 day · waiting 20 h"


def test_with_nobody_to_tell_in_person_the_channel_of_all_incidents_hears_or_the_notice_says_so(
    incident: Incident, now: datetime, settings: Any
) -> None:
    Agent.objects.update(slack_id=None)

    sweep(now + 20 * HOUR)
    settings.INCIDENTS_CHANNEL = settings.SLACK_DEFAULT_CHANNEL = ""
    sweep(now + 25 * HOUR)

    first, second = of_tiers()
    assert (first.recipient, first.error) == ("C0CRASH", "")
    assert "Without a Slack id, so not notified here: Carla, Lea." in json.dumps(first.blocks, ensure_ascii=False)
    assert second.error.startswith("Nowhere to send it")


def test_what_was_said_meanwhile_is_not_asked_for_any_more(incident: Incident, now: datetime) -> None:
    sweep(now + 20 * HOUR)
    services.post_update(incident, internal_note="We know.", by=make.acting(), now=now + 20 * HOUR)

    [notice] = of_tiers()
    assert drop_reasons([notice]) == {notice.pk: "what was owed of the incident was done meanwhile"}
