"""Who is on duty in a channel's topic, beside what people wrote there."""

from __future__ import annotations

import pytest

from apps.integrations.slack.topics import LONGEST, Duty, NoRoom, Part, compose, stands, typed

SET = Part(
    "SET",
    (Duty("primary", ("Ana Lopez",), ("Ana",)), Duty("backup", ("Ben Ek", "Cem Oz"), ("Ben", "Cem")), Duty("lead", ())),
)
OURS = "SET: primary Ana Lopez · backup Ben Ek, Cem Oz · lead nobody"


@pytest.mark.parametrize(
    ("standing", "said", "topic"),
    [
        ("", "", OURS),
        ("Ask here|or there", "", f"{OURS} | Ask here|or there"),
        ("SET: primary Zoe · backup Yan | Ask here", "", f"{OURS} | Ask here"),
        ("Ask here | SET: primary Zoe, away till 3 | and there", "", f"Ask here | {OURS} | and there"),
        ("Old name: chief Zoe | Ask here", "Old name: chief Zoe", f"{OURS} | Ask here"),
        ("SET: the docs are at x | Ask here", "", f"{OURS} | SET: the docs are at x | Ask here"),
        (OURS, OURS, OURS),
    ],
)
def test_ours_takes_the_place_of_ours_and_of_nothing_else(standing: str, said: str, topic: str) -> None:
    assert compose(standing, [SET], said=said) == (topic, OURS)


def test_two_rotations_share_a_channel() -> None:
    other = Part("Infra", (Duty("primary", ("Zoe",)),))
    both = f"{OURS} | Infra: primary Zoe"

    assert compose("Ask here", [SET, other]) == (f"{both} | Ask here", both)
    assert compose(f"{both} | Ask here", [other], said=both) == ("Infra: primary Zoe | Ask here", "Infra: primary Zoe")


def test_a_channel_that_is_left_keeps_what_people_wrote() -> None:
    assert compose(f"{OURS} | Ask here", (), said=OURS) == ("Ask here", "")
    assert compose("Ask here", (), said=OURS) == ("Ask here", "")


def test_where_full_names_do_not_fit_people_are_called_as_they_are_called() -> None:
    written = "x" * (LONGEST - len(OURS) - 2)

    topic, ours = compose(written, [SET])

    assert ours == "SET: primary Ana · backup Ben, Cem · lead nobody"
    assert topic == f"{ours} | {written}"


def test_what_people_wrote_is_never_cut() -> None:
    with pytest.raises(NoRoom, match="2 characters too long"):
        compose("x" * (LONGEST - len("SET: primary Ana · backup Ben, Cem · lead nobody") - 1), [SET])


def test_a_name_cannot_end_our_part_nor_mention_anybody() -> None:
    part = Part("A|B", (Duty("primary", ("<!channel> | Eve",)),))

    assert part.text() == "A/B: primary ‹!channel› / Eve"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("R&amp;D &lt;3", "R&D <3"),
        ("see <https://x.example/a?b=1&amp;c> ok", "see https://x.example/a?b=1&c ok"),
        ("<http://x.example|x.example> and <#C1|general>", "x.example and #general"),
        ("<https://x.example|the docs> by <@U1>", "https://x.example by <@U1>"),
    ],
)
def test_what_slack_tells_is_read_as_it_was_typed(value: str, plain: str) -> None:
    assert typed(value) == plain


@pytest.mark.parametrize(
    ("standing", "there"),
    [(f"a | {OURS} | b", True), (f"{OURS}|b", True), (f"{OURS}, away", False), ("", False)],
)
def test_our_words_stand_as_they_were_sent_or_they_do_not(standing: str, there: bool) -> None:
    assert stands(standing, OURS) is there
