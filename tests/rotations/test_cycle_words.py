"""How far a checklist is, in words, and what a digest begins with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from apps.rotations.cycles import progress
from apps.rotations.cycles.digest import OpenItem, Told, draft
from apps.rotations.cycles.progress import DONE, MISSED, OPEN, OVERDUE, Thing

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

things = st.lists(
    st.tuples(st.sampled_from([None, 1, 2]), st.sampled_from(["once", "daily"]), st.integers(-99, 99), st.booleans()),
    max_size=12,
).map(
    lambda rows: [
        Thing(n, "monitor", kind, repeats, NOW + due * HOUR, NOW if done else None)
        for n, (kind, repeats, due, done) in enumerate(rows)
    ]
)


@given(things)
def test_each_thing_is_in_one_state_and_only_the_newest_of_what_repeats_is_overdue(rows: list[Thing]) -> None:
    found = progress.states(rows, NOW)

    for thing in rows:
        later = [each for each in rows if each.kind == thing.kind and thing.due_at < each.due_at <= NOW]
        comes_again = thing.kind is not None and thing.repeats != "once"
        state = found[thing.id]
        assert (state == DONE) is (thing.done_at is not None)
        if state == OPEN:
            assert thing.due_at > NOW
        if state == MISSED:
            assert comes_again
            assert later
        if state == OVERDUE and comes_again:
            assert not [each for each in later if each.repeats != "once"]


def test_progress_is_said_in_words() -> None:
    assert progress.words([DONE, OPEN, OVERDUE, MISSED, DONE]) == "2 of 5 done, 1 overdue, 1 missed"
    assert progress.words([]) == "nothing to do"


def test_a_digest_begins_with_who_is_on_what_is_open_and_what_is_done() -> None:
    said = draft(
        title="Cycle 3 of SET",
        phase="Monitor",
        ends_at=datetime(2026, 4, 6, 8, tzinfo=UTC),
        zone=ZoneInfo("Europe/London"),
        on_duty=[("primary", ["Ana", "Cem"]), ("backup", [])],
        sections=[("Pages", [OpenItem("Page 4: Login", "", NOW)]), ("Incidents", None), ("RFHs", [])],
        checklist=[Told("Ask R&D looked at", DONE), Told("Ask R&D looked at", DONE), Told("Board", OVERDUE, "later")],
    )

    assert said.splitlines() == [
        "Cycle 3 of SET is in Monitor and ends on 6 Apr 09:00 BST.",
        "On duty: primary: Ana, Cem; backup: nobody.",
        "",
        "Pages: 1 open",
        "• Page 4: Login (nobody has it, since 25 Mar 12:00 GMT)",
        "Incidents: could not be read just now.",
        "RFHs: none open",
        "",
        "Checklist: 2 of 3 done, 1 overdue",
        "Overdue:",
        "• Board: later",
        "Done:",
        "• Ask R&D looked at",
    ]
