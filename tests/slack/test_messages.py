"""What a reached tier says in Slack."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.integrations.slack import messages
from apps.integrations.slack.messages import Places, permalink, shorten
from tests.make import MINUTE
from tests.notices.reached import ANA, BEN, reached

EVENT = UUID("01890000-0000-7000-8000-000000000001")
PLACES = Places(ticket="https://portal.example.com/t/1", story="https://portal.example.com/trail/9/")


def written(at: datetime, places: Places = PLACES, **fields: Any) -> str:
    """Everything the blocks say, as Slack gets it."""
    text, blocks = messages.escalation(reached(at=at, **fields), event_id=EVENT, at=at, places=places)
    return text + "\n" + "\n".join(_texts(blocks))


def _texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for value in part.values() for text in _texts(value)]
    return [text for item in part for text in _texts(item)] if isinstance(part, list) else []


def buttons(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    [actions] = [block for block in blocks if block["type"] == "actions"]
    return {button["action_id"]: button for button in actions["elements"]}


def test_it_says_who_is_meant_and_which_promise_and_how_long_since_and_what_comes_next(now: datetime) -> None:
    _, blocks = messages.escalation(reached(at=now), event_id=EVENT, at=now, places=PLACES)

    body = blocks[0]["text"]["text"]
    facts = "\n".join(field["text"] for field in blocks[1]["fields"])
    assert body == ("<@UANA> <https://desk.example.com/4711|Ticket 4711> has waited 10 min for a first response.")
    assert "Enterprise: first response within 50 min" in facts
    due = int((now + 40 * MINUTE).timestamp())
    assert f"Due <!date^{due}^{{date_short_pretty}} at {{time}}|18 Mar 2026 09:40 UTC>, in 40 min" in facts
    assert "tier 2, Everybody on shift, embedded too, <!date^" in facts
    assert "Acme · It broke" in facts


def test_the_last_tier_says_that_nobody_comes_after_it(now: datetime) -> None:
    assert "nobody further: this was the last tier" in written(now, next_tier=None)


def test_a_breach_is_said_in_words(now: datetime) -> None:
    assert "*Breached*: it was due" in written(now, due_at=now)
    assert "Breached" not in written(now, due_at=now + MINUTE)


def test_a_breach_of_this_minute_has_no_age(now: datetime) -> None:
    assert " ago" not in written(now, due_at=now - timedelta(seconds=59))
    assert ", 1 min ago" in written(now, due_at=now - MINUTE)


def test_it_says_since_when_the_help_desk_cannot_be_asked(now: datetime) -> None:
    said = written(now, unknown_since=now - 5 * MINUTE)

    assert "The help desk cannot be asked* since <!date^" in said
    assert "not known whether somebody has replied" in said


def test_notes_and_passed_over_tiers_are_said(now: datetime) -> None:
    said = written(now, notes=["Nobody is “Support” now."], skipped=[1, 2], tier=3)

    assert "Nobody is “Support” now." in said
    assert "passed over: tier 1, 2." in said


def test_somebody_without_a_slack_id_is_named_and_the_message_says_so(now: datetime) -> None:
    said = written(now, people=[ANA, BEN])

    assert "<@UANA>, *Ben*" in said
    assert "Without a Slack id, so not notified here: Ben." in said


def test_a_user_group_is_mentioned_once_for_all_its_members(now: datetime) -> None:
    said = written(now, mentions=["S0SUPPORT"], people=[ANA])

    assert "<!subteam^S0SUPPORT>" in said
    assert "<@UANA>" not in said


def test_a_user_group_slack_does_not_know_is_said_to_have_reached_nobody(now: datetime) -> None:
    said = written(now, mentions=["@group-support"], people=[])

    assert "*@group-support*" in said
    assert "nobody was notified by it" in said


def test_the_buttons_carry_the_ticket_its_address_and_the_event(now: datetime) -> None:
    _, blocks = messages.escalation(reached(at=now), event_id=EVENT, at=now, places=PLACES)

    found = buttons(blocks)
    assert found["snooze_30"]["value"] == "4711"
    assert found["open_ticket"]["url"] == "https://desk.example.com/4711"
    assert found["why_me"]["value"] == str(EVENT)


def test_without_an_address_in_the_help_desk_the_button_opens_the_portal(now: datetime) -> None:
    _, blocks = messages.escalation(reached(at=now, url=""), event_id=EVENT, at=now, places=PLACES)

    assert buttons(blocks)["open_ticket"]["url"] == PLACES.ticket


def test_without_any_address_there_is_no_button_to_open_it(now: datetime) -> None:
    _, blocks = messages.escalation(reached(at=now, url=""), event_id=EVENT, at=now)

    assert set(buttons(blocks)) == {"snooze_30", "why_me"}


def test_the_story_and_the_thread_are_linked_where_they_are_known(now: datetime) -> None:
    thread = permalink("C100", "1773824400.000100")

    said = written(now, Places(story=PLACES.story, thread=thread))

    assert f"<{PLACES.story}|This entry of the story>" in said
    assert f"<{thread}|the thread of ticket 4711>" in said


def test_a_tiers_own_message_is_filled_and_keeps_the_mentions_its_manager_typed(now: datetime) -> None:
    text, blocks = messages.escalation(
        reached(at=now, message="<!here> {customer}: {promise}, {waiting} gone. Tier {tier}, then {next}."),
        event_id=EVENT,
        at=now,
    )

    body = blocks[0]["text"]["text"]
    assert body.startswith("<!here> Acme: first response within 50 min, 10 min gone. Tier 1, then tier 2,")
    assert blocks[1]["text"]["text"] == "*For* <@UANA>"
    assert "<@UANA>" in text


@pytest.mark.parametrize("field", ["subject", "customer", "policy", "number", "plan", "severity"])
@pytest.mark.parametrize("attack", ["<!channel>", "<@UBOSS>", "<https://evil.example|Slack>", "&lt;!here&gt;"])
def test_what_people_wrote_mentions_and_links_nothing(now: datetime, field: str, attack: str) -> None:
    template = "{people} {ticket} {subject} {customer} {plan} {severity} {policy} {promise} {next} {due}"

    said = written(now, message=template, **{field: attack})

    assert "<!channel" not in said
    assert "<@UBOSS" not in said
    assert "evil.example|" not in said.replace("&lt;https://evil.example|", "")
    assert "<!here" not in said


def test_plain_at_here_in_a_subject_is_left_as_text_by_slack(now: datetime) -> None:
    _, blocks = messages.escalation(reached(at=now, subject="@here help"), event_id=EVENT, at=now)

    marked = [
        part
        for block in blocks
        for part in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        if part and part["type"] == "mrkdwn"
    ]
    assert marked
    assert all(part["verbatim"] for part in marked)


def test_names_cannot_break_out(now: datetime) -> None:
    mallory = {"name": "<!channel>", "email": "", "slack_id": "", "because": ""}
    evil_id = {"name": "x", "email": "", "slack_id": "U1> <!channel", "because": ""}

    said = written(now, people=[mallory, evil_id], notes=["<!here>"], mentions=["@<!everyone>"])

    assert "<!channel" not in said
    assert "<!here" not in said
    assert "<!everyone" not in said


def test_slacks_limits_are_kept_however_long_everything_is(now: datetime) -> None:
    crowd = [{**ANA, "slack_id": f"U{number:09d}"} for number in range(400)]
    event = reached(
        at=now,
        subject="<&>" * 2_000,
        customer="x" * 3_000,
        policy="&" * 3_000,
        message="{people} {subject} {customer}" * 50,
        notes=["<" * 4_000] * 3,
        people=crowd,
    )

    text, blocks = messages.escalation(event, event_id=EVENT, at=now, places=PLACES)

    assert len(text) <= 3_000
    assert len(blocks) <= 50
    for block in blocks:
        assert len(block.get("text", {}).get("text", "")) <= 3_000
        assert all(len(field["text"]) <= 2_000 for field in block.get("fields", []))
    assert len(json.dumps(blocks)) < 40_000


def test_the_summary_is_one_plain_line(now: datetime) -> None:
    assert messages.summary(reached(at=now, due_at=now), at=now) == (
        "Tier 1 · Ticket 4711 · Acme · Enterprise: first response within 50 min · waiting 10 min · breached"
    )
    assert len(messages.summary(reached(at=now, customer="x" * 500), at=now)) == 300


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("short", 10, "short"),
        ("hello <@UANA> there", 11, "hello …"),
        ("a &lt; b", 5, "a …"),
        ("0123456789", 5, "0123…"),
    ],
)
def test_text_is_cut_beside_marks_not_through_them(text: str, most: int, cut: str) -> None:
    assert shorten(text, most) == cut


def test_waiting_is_said_to_the_minute() -> None:
    assert messages.waited(timedelta(minutes=10, seconds=59)) == "10 min"
    assert messages.waited(timedelta(seconds=59)) == "59 s"
    assert messages.waited(timedelta(days=1, hours=2)) == "1 day 2 h"


def test_a_link_to_a_message_needs_no_call() -> None:
    assert permalink("C1", "1690.000100") == "https://slack.com/archives/C1/p1690000100"
    assert permalink("C1", "1691.000200", "1690.000100") == (
        "https://slack.com/archives/C1/p1691000200?thread_ts=1690.000100&cid=C1"
    )
