"""What other systems call a number, a severity and a type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.sla.models import SEVERITIES, TICKET_TYPES
from apps.tickets import wording
from apps.tickets.wording import is_number, plain_number, severity_called, type_called


@given(st.text())
def test_whatever_the_word_it_is_ours_or_none(word: str) -> None:
    assert severity_called(word) in {name for name, _ in SEVERITIES} | {None}
    assert type_called(word) in {name for name, _ in TICKET_TYPES} | {None}


def test_our_own_words_mean_themselves() -> None:
    assert all(severity_called(name) == name for name, _ in SEVERITIES)
    assert all(type_called(name) == name for name, _ in TICKET_TYPES)


@pytest.mark.parametrize("number", ["#4711", " 4711", "# 4711 "])
def test_the_sign_before_a_number_is_none_of_it(number: str) -> None:
    assert plain_number(number) == "4711"


def test_a_number_has_a_longest_length() -> None:
    assert is_number("9" * wording.LONGEST_NUMBER)
    assert not is_number("9" * (wording.LONGEST_NUMBER + 1))
