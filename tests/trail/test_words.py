"""What an event is found by."""

from __future__ import annotations

import pytest

from apps.trail.words import LONGEST, words_of


def test_streams_texts_and_numbers_are_words() -> None:
    said = words_of({"subject": "Login fails", "tries": 3, "people": [{"name": "Ana"}]}, ["ticket:4711"], "was opened")

    assert said == "ticket:4711 4711 was opened Login fails 3 Ana"


@pytest.mark.parametrize(
    "value",
    ["2026-03-18T09:00:00+00:00", "PT10M", "P3DT2H", "018f4e6c-8f5a-7c3b-9d2e-1f0a9b8c7d6e", True, None],
)
def test_instants_durations_and_ids_are_none(value: object) -> None:
    assert words_of({"at": value}, []) == ""


def test_a_very_long_text_is_cut_and_a_zero_byte_is_no_text() -> None:
    said = words_of({"a": "x\x00y" + "z" * 2 * LONGEST}, [])

    assert said.startswith("x y")
    assert len(said) == LONGEST
