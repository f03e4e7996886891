"""Leads hear in person of what is overdue, the channel where nobody leads; a digest reaches each stakeholder once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.notices.cycle_routing import for_digest, for_overdue
from apps.notices.models import Notice
from apps.rotations import services
from apps.rotations.cycles.events import ChecklistOverdue, DigestSent
from tests import make

START = datetime(2026, 3, 23, 9, tzinfo=UTC)


def overdue(**fields: Any) -> ChecklistOverdue:
    usual: dict[str, Any] = {
        "rotation": "set", "name": "SET", "number": 3, "item": 7, "text": "Ask <R&D> looked at", "due_at": START,
        "again": False, "lead": "lea@example.com", "lead_slack_id": "ULEA", "owner": "Ben", "channel": "CSET",
    }  # fmt: skip
    return ChecklistOverdue(**{**usual, **fields})


def test_the_lead_hears_in_person_what_since_when_and_why_them() -> None:
    [owed] = for_overdue(overdue(), url="https://ops.example.com/rotations/cycles/set/")

    assert owed.channel == "ULEA"
    assert owed.text == (
        ":hourglass: *Ask &lt;R&amp;D&gt; looked at* is to be done in "
        "<https://ops.example.com/rotations/cycles/set/|cycle 3 of SET>: it was due "
        "<!date^1774256400^{date_short_pretty} at {time}|23 Mar 2026 09:00 UTC>. Ben was to see to it.\n"
        "<@ULEA>, you are told because you lead this cycle."
    )


@pytest.mark.parametrize(
    ("fields", "channel", "words"),
    [
        ({"lead": "", "lead_slack_id": ""}, "CSET", "Nobody leads this cycle, so <#CSET> is told."),
        ({"lead_slack_id": ""}, "CSET", "lea@example.com leads this cycle and has no Slack id, so <#CSET> is told."),
        ({"lead": "", "lead_slack_id": "", "channel": ""}, "CDEFAULT", "and its team has no channel of its own."),
    ],
)
def test_where_nobody_leads_a_channel_hears_and_is_told_why(fields: dict[str, str], channel: str, words: str) -> None:
    [owed] = for_overdue(overdue(**fields), default_channel="CDEFAULT")

    assert owed.channel == channel
    assert words in owed.text


def test_where_nothing_can_be_sent_the_outbox_says_so() -> None:
    [owed] = for_overdue(overdue(lead_slack_id="", channel=""))

    assert owed.error.startswith("Nowhere to send it: nobody with a Slack id leads the cycle")


def test_a_long_digest_is_cut_at_lines_and_reaches_each_place_once() -> None:
    lines = [f"• item {n}: <{'x' * 60}>" for n in range(40)]
    digest = DigestSent(
        rotation="set", name="SET", number=3, text="\n".join(lines), by="Lea",
        people=[{"email": "m@example.com", "name": "Max", "slack_id": "UMAX"}], channels=["C1", "C1"],
    )  # fmt: skip

    owed = for_digest(digest)

    assert [each.channel for each in owed] == ["UMAX", "C1"]
    said = "\n".join(block["text"]["text"] for block in owed[0].blocks[1:])
    assert said.count("&lt;") == 40
    assert all(len(block["text"]["text"]) <= 3_000 for block in owed[0].blocks)


@pytest.mark.django_db
def test_reminders_and_digests_are_owed_through_the_outbox_once() -> None:
    lea, max_ = make.agent("Lea"), make.agent("Max")
    local = START.replace(tzinfo=None)
    rotation = make.rotation(make.layer(lea, role="lead", start_local=local), team_of=make.team("set", lea))
    cycle = services.set_up_cycle(rotation, start_local=local, now=make.NOW)
    services.sweep(now=START)
    run = cycle.runs.get(number=1)
    services.send_digest(run, text="Well", people=[max_], channels=[make.channel()], by=lea, seen=0, now=START)
    for _ in range(2):
        services.sweep(now=START + timedelta(hours=8))

    said = {(notice.channel, notice.summary) for notice in Notice.objects.filter(about="rotation:set")}
    assert {("UMAX", "Digest of cycle 1 of SET"), ("C100", "Digest of cycle 1 of SET")} <= said
    overdue_ones = Notice.objects.filter(channel="ULEA", summary__startswith="Overdue in cycle 1 of SET")
    assert overdue_ones.count() == 6
