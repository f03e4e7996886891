"""What the title and the people of a calendar's entry say."""

from __future__ import annotations

import pytest

from apps.rotations.calendars import Named
from apps.rotations.calendars.rules import Directory, Known, Read, Rules, product_in, read

ANA = Known(1, "ana@example.com", ("Ana Ruiz", "anita"), ("Ana",))
BEN = Known(2, "ben@example.com", ("Ben Okoro", ""), ("Ben",))
EVERYBODY = Directory.of([ANA, BEN])
SHIFTS = Rules()
AWAY = Rules(leave_words=("vacation", "leave", "OOO", "out of office"))


def says(summary: str, *named: Named, rules: Rules = SHIFTS, directory: Directory = EVERYBODY) -> Read:
    return read(summary, named, rules, directory)


@pytest.mark.parametrize(
    ("summary", "product"),
    [
        ("Ana embedded in Boards", "Boards"),
        ("Embedded: Playbooks", "Playbooks"),
        ("Ana Ruiz - EMBEDDED - Mobile Apps", "Mobile Apps"),
        ("Boards embedded engineer: Ana", "Boards"),
        ("Embedded engineer (Ana) for Calls", "Calls"),
        ("Calls embedded", "Calls"),
        ("Ana embedded", ""),
    ],
)
def test_an_entry_with_embedded_in_its_title_is_embedded_in_the_product_it_names(summary: str, product: str) -> None:
    found = says(summary, Named(email="ana@example.com"))

    assert (found.kind, found.product, found.people) == ("embedded", product, (1,))


def test_any_other_entry_is_a_shift() -> None:
    assert says("Weekend", Named(email="ANA@example.com")) == Read("support", "", (1,))


def test_people_are_found_by_email_before_their_name() -> None:
    assert says("Support", Named(name="Ben Okoro", email="ana@example.com")).people == (1,)


def test_people_are_found_by_their_name_where_the_email_is_not_known() -> None:
    found = says("Support", Named(name="ben  OKORO", email="ben@private.example"), Named(name="Anita"))

    assert found.people == (2, 1)


def test_without_attendees_the_title_names_them() -> None:
    assert says("Support: Ben, then Ana").people == (2, 1)


def test_a_name_that_two_have_is_nobodys() -> None:
    directory = Directory.of([ANA, Known(3, "other@example.com", ("Ana Silva",), ("Ana",))])

    found = says("Ana on support", directory=directory)

    assert found == Read("support", "", (), ("Ana on support",))


def test_who_is_not_known_is_listed_as_the_calendar_names_them() -> None:
    found = says("Support", Named(name="Cy", email="cy@example.com"), Named(email="ana@example.com"))

    assert found == Read("support", "", (1,), ("Cy <cy@example.com>",))


def test_an_entry_that_names_nobody_is_listed_by_its_title() -> None:
    assert says("Who takes this?").unmatched == ("Who takes this?",)


def test_part_of_a_word_is_no_name() -> None:
    assert says("Banana day").people == ()


@pytest.mark.parametrize("summary", ["Ana: vacation", "ooo Ana", "Ana Out-of-office"])
def test_in_a_calendar_of_leave_an_entry_with_one_of_the_words_is_leave(summary: str) -> None:
    assert says(summary, rules=AWAY) == Read("leave", "", (1,))


@pytest.mark.parametrize("summary", ["Ana's birthday", "Cleaver sale"])
def test_in_a_calendar_of_leave_nothing_else_counts(summary: str) -> None:
    assert says(summary, rules=AWAY) == Read("ignored")


def test_without_the_word_nothing_is_embedded() -> None:
    assert says("Ana embedded in Boards", rules=Rules(embedded_word="")).kind == "support"


def test_the_word_may_be_another_one() -> None:
    assert product_in("Ana on loan to Boards", "on loan to", ["Ana"]) == "Boards"
