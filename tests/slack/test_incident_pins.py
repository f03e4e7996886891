"""What is pinned where an incident is spoken of is part of its story."""

from __future__ import annotations

import pytest

from apps.incidents.models import Incident, Pin
from apps.integrations.slack.models import SlackEvent
from tests import make
from tests.slack.inbound import HERE, heard
from tests.slack.incidents import reporter
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
ROOT, TS = "1773824400.000100", "1773824460.000200"


def pin(channel: str = HERE, text: str = "A <@UANA> &amp; a *disk*", **message: object) -> None:
    said = {"user": "UANA", "ts": TS, "text": text, **message}
    heard(payloads.event_callback(payloads.pinned(channel, said, user="UANA")))


@pytest.fixture
def incident() -> Incident:
    reporter()
    made = make.incident()
    Incident.objects.update(thread_channel=HERE, thread_ts=ROOT)
    return made


def test_a_pin_in_its_thread_or_its_channel_is_an_entry_once(incident: Incident) -> None:
    Incident.objects.update(slack_channel="C0OWN")

    for _ in range(2):
        pin(thread_ts=ROOT, files=[{"name": "graph.png"}])
    pin("C0OWN", "In the channel")

    one, two = Pin.objects.order_by("pk")
    assert (one.text, one.author, one.pinned_by) == ("A @Ana & a disk\n[graph.png, in Slack]", "Ana", "Ana")
    assert one.url == f"https://slack.com/archives/{HERE}/p1773824460000200?thread_ts={ROOT}&cid={HERE}"
    assert (two.channel, two.text, two.incident) == ("C0OWN", "In the channel", incident)
    # What was said is kept in the story alone.
    assert not any(SlackEvent.objects.filter(state="done").values_list("payload", flat=True))


def test_what_is_pinned_elsewhere_is_nobody_s_business(incident: Incident) -> None:
    pin()
    pin("C0ELSE", thread_ts=ROOT)
    pin(thread_ts=ROOT, ts="yesterday")

    assert not SlackEvent.objects.exists()
    assert not Pin.objects.exists()


def test_a_pin_that_is_taken_off_leaves_the_story(incident: Incident) -> None:
    pin(thread_ts=ROOT)

    message = {"user": "UANA", "ts": TS, "text": "", "thread_ts": ROOT}
    heard(payloads.event_callback(payloads.pinned(HERE, message, user="UANA", removed=True)))

    assert Pin.objects.get().removed_at is not None
