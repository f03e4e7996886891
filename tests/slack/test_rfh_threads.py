"""What is said in a request's thread becomes its notes."""

from __future__ import annotations

from typing import Any

import pytest

from apps.integrations.slack.models import SlackEvent
from apps.rfhs import services
from apps.rfhs.models import RFH, Note
from apps.trail.models import StoredEvent
from tests import make
from tests.slack.inbound import HERE, heard, post
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
THREAD, TEAMS = "1773824400.000100", "1773824401.000100"


@pytest.fixture
def rfh() -> RFH:
    made = make.filed_rfh()
    places = {"teammates_channel": HERE, "teammates_thread_ts": THREAD, "team_channel": "C0TEAM"}
    RFH.objects.filter(pk=made.pk).update(**places, team_thread_ts=TEAMS)
    return made


def said(text: str, ts: str = "1773824460.000200", **more: Any) -> str:
    event = payloads.message(more.pop("channel", HERE), ts, text, **{"thread_ts": THREAD, **more})
    return payloads.event_callback(event)


def test_a_reply_is_a_note_once_and_kept_nowhere_else(rfh: RFH) -> None:
    ben = make.agent("Ben")
    reply = payloads.message(HERE, "1773824460.000200", "Ask <@UBEN> &amp; use *mmctl*", user="UBEN", thread_ts=THREAD)

    for event_id in ("Ev1", "Ev1", "Ev2"):
        heard(payloads.event_callback(reply, event_id))

    note = Note.objects.get()
    assert (note.rfh, note.kind, note.text, note.agent) == (rfh, "teammate", "Ask @Ben & use mmctl", ben)
    assert (note.by, note.at.timestamp()) == ("Ben", 1773824460.0002)
    assert note.url == f"https://slack.com/archives/{HERE}/p1773824460000200?thread_ts={THREAD}&cid={HERE}"
    assert list(SlackEvent.objects.values_list("kind", "state", "payload")) == [("rfh_reply", "done", {})] * 2


def test_the_team_s_thread_is_heard_too_also_from_whom_nobody_knows_and_with_files(rfh: RFH) -> None:
    heard(said("", channel="C0TEAM", thread_ts=TEAMS, subtype="file_share", files=[{"name": "trace.txt"}, "x"]))

    note = Note.objects.get()
    assert (note.text, note.by, note.agent) == ("[trace.txt, in Slack]\n[a file, in Slack]", "Somebody in Slack", None)


def test_below_the_message_an_item_was_made_of_it_is_heard_as_well(rfh: RFH) -> None:
    item = make.rfh(source="channel", source_key=f"C0SET:{THREAD}")

    heard(said("It is the proxy.", channel="C0SET"))

    assert Note.objects.get().rfh == item
    assert StoredEvent.objects.get(type="RFHReplied").payload["among"] == "source"


@pytest.mark.parametrize(
    "more",
    [
        {"thread_ts": "1.000001"},
        {"thread_ts": "1773824460.000200"},
        {"channel": "C0OTHER"},
        {"bot_id": payloads.BOT},
        {"user": payloads.BOT_USER},
        {"subtype": "message_deleted"},
        {"ts": "soon", "event_ts": "1773824460.000200"},
        {"thread_ts": {"not": "a text"}},
    ],
)
def test_other_threads_bots_and_slack_s_own_remarks_are_not_taken(rfh: RFH, more: dict[str, Any]) -> None:
    body = said("Use mmctl.", **more)

    assert post(body).status_code == 200
    assert not SlackEvent.objects.exists()


def test_what_is_said_after_the_end_is_not_taken(rfh: RFH) -> None:
    late = said("Thanks!")
    post(late)
    services.withdraw(rfh, because="Solved", by=make.acting(), now=make.NOW)

    heard(said("Me too", ts="1773824461.000200"))

    assert not Note.objects.exists()


def test_a_very_long_reply_is_kept_as_far_as_it_goes(rfh: RFH) -> None:
    heard(said("\x00" + "x" * 40_000))

    assert len(Note.objects.get().text) == 20_000
