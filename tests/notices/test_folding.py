"""Several messages said as one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.integrations.slack.messages import permalink
from apps.notices.folding import MOST, ROOM, fold, line

THREAD = "1773824400.000100"


def test_a_line_mentions_whom_the_message_mentioned_and_links_its_thread() -> None:
    text = "<@UANA> <!subteam^S0SUPPORT> <https://desk/1|Ticket 1> waits, <@UANA>. &lt;!channel&gt;"

    said = line(summary="Tier 2 · Ticket 1 <!channel>", text=text, channel="C1", thread_ts=THREAD)

    link = f"<{permalink('C1', THREAD)}|Tier 2 · Ticket 1 &lt;!channel&gt;>"
    assert said == f"• {link} <@UANA> <!subteam^S0SUPPORT>"


def test_a_message_beside_the_thread_keeps_its_link_to_the_thread() -> None:
    thread = permalink("C1", "2.5", "1.5")
    text = f"See <{thread.replace('&', '&amp;')}|the thread>"

    said = line(summary="Tier 4", text=text, channel="C2", thread_ts="")

    assert said == f"• <{thread.replace('&', '&amp;')}|Tier 4>"


def test_at_most_forty_are_said_at_once() -> None:
    said = fold([f"• {number}" for number in range(100)])

    assert said.count == MOST == 40
    assert said.text.startswith("40 messages")
    assert "• 39" in str(said.blocks)
    assert "• 40" not in str(said.blocks)


@given(st.lists(st.integers(1, 2_900).map(lambda size: "x" * size), min_size=1, max_size=60))
def test_every_line_counted_is_there_whole_and_slacks_limits_are_kept(lines: list[str]) -> None:
    said = fold(lines)

    paragraphs = [block["text"]["text"] for block in said.blocks[1:]]
    assert 1 <= said.count <= MOST
    assert "\n".join(paragraphs).split("\n") == lines[: said.count]
    assert len(said.blocks) <= 50
    assert all(0 < len(text) <= 3_000 for text in paragraphs)
    assert sum(map(len, paragraphs)) <= ROOM + MOST


def test_a_date_inside_a_links_label_is_said_in_words() -> None:
    said = line(summary="I wait until <!date^1773824400^{time}|09:00 UTC>", text="", channel="C1", thread_ts=THREAD)

    assert said == f"• <{permalink('C1', THREAD)}|I wait until 09:00 UTC>"
