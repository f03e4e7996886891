"""Incidents on the hand-over of the Sustained Engineering Team."""

from __future__ import annotations

import pytest

from apps.incidents import handover, services
from apps.incidents.models import Incident
from apps.rfhs.models import Desk
from apps.rotations.handovers.items import NotPassedOn
from tests import make
from tests.make import MINUTE, NOW
from tests.rotations.handing import the_set

pytestmark = pytest.mark.django_db
WHO = make.acting()


def test_the_incoming_set_gets_what_the_outgoing_leads_and_works_on() -> None:
    people, search = the_set(), make.team("search")
    team = people["ana"].teams.get()
    Desk.objects.create(team=team, is_set=True)
    incident = make.incident(point=people["ana"], contact=make.agent("Sia"))
    Incident.objects.filter(pk=incident.pk).update(slack_channel="C9INC")
    make.channel("C9INC", "incident-9")
    services.close(make.incident("Over"), by=WHO, now=NOW + MINUTE)

    items = handover.open_items(team)

    assert [(item.title, item.owner) for item in items] == [
        (f"Leading {incident}: Login is down", "Lea"),
        (f"Working on {incident}: Login is down", "Ana"),
    ]
    assert [place.name for place in handover.channels(team)] == ["#incident-9"]
    assert not handover.open_items(search)
    assert not handover.channels(search)

    for item in items:
        handover.reassign(item, people["cai"], people["lea"], NOW)

    incident.refresh_from_db()
    assert (incident.lead, incident.point) == (people["cai"], people["cai"])
    with pytest.raises(NotPassedOn, match="is Cai’s by now"):
        handover.reassign(items[0], people["dora"], None, NOW)
    services.close(incident, by=WHO, now=NOW + MINUTE)
    with pytest.raises(NotPassedOn, match="is over"):
        handover.reassign(
            handover.Item(**{**vars(items[0]), "owner_email": "cai@example.com"}), people["dora"], None, NOW
        )
