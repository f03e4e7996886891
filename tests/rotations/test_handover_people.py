"""Who is on which side of a hand-over, and who takes what by their role."""

from __future__ import annotations

from apps.rotations.handovers.people import Hand, Sides, spread, swapped, whole

TWO_PAIRS = [("primary", ["ana", "cat"]), ("backup", ["ben", "dan"]), ("lead", ["lea"])]
SWAPPED = [("primary", ["ben", "dan"]), ("backup", ["ana", "cat"]), ("lead", ["lea"])]
NEXT = [("primary", ["eve", "fay"]), ("backup", ["gil", "hal"]), ("lead", ["lea"])]


def test_everybody_hands_over_and_the_leads_confirm_it() -> None:
    sides = whole(TWO_PAIRS, NEXT)

    assert [hand.email for hand in sides.outgoing] == ["ana", "cat", "ben", "dan", "lea"]
    assert [hand.email for hand in sides.incoming] == ["eve", "fay", "gil", "hal", "lea"]
    assert [hand.email for hand in (*sides.outgoing, *sides.incoming) if hand.signs] == ["lea", "lea"]


def test_where_nobody_leads_the_first_confirms_it() -> None:
    sides = whole([("support", ["ana", "ben"])], [("support", ["cat"])])

    assert [hand.email for hand in (*sides.outgoing, *sides.incoming) if hand.signs] == ["ana", "cat"]


def test_whoever_leads_beside_another_role_confirms_it() -> None:
    sides = whole([("primary", ["lea"]), ("lead", ["lea"])], [])

    assert sides == Sides((Hand("lea", "primary", signs=True),), ())


def test_at_mid_cycle_only_those_who_swap_hand_over() -> None:
    assert swapped(TWO_PAIRS, SWAPPED) == Sides(
        (Hand("ana", "primary", True), Hand("cat", "primary", True)),
        (Hand("ben", "primary", True), Hand("dan", "primary", True)),
    )


def test_in_the_staggered_form_whoever_goes_hands_over_to_whoever_moves_up() -> None:
    sides = swapped([("primary", ["ana"]), ("backup", ["ben"])], [("primary", ["ben"]), ("backup", ["cat"])])

    assert sides == Sides((Hand("ana", "primary", True),), (Hand("ben", "primary", True), Hand("cat", "backup", True)))


def test_what_somebody_owns_goes_to_whoever_comes_into_their_role_and_place() -> None:
    owners = {"1": "ana", "2": "cat", "3": "dan", "4": "lea", "5": "eve", "6": "zoe", "7": "", "8": ""}

    assert spread(owners, whole(TWO_PAIRS, NEXT)) == {"1": "eve", "2": "fay", "3": "hal", "7": "eve", "8": "fay"}


def test_what_was_of_a_role_that_nobody_comes_into_goes_to_the_first() -> None:
    assert spread({"1": "dan"}, whole(TWO_PAIRS, [("primary", ["eve"])])) == {"1": "eve"}


def test_where_nobody_comes_nothing_is_spread() -> None:
    assert spread({"1": "ana"}, whole(TWO_PAIRS, [])) == {}
