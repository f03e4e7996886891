"""Places in few bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.trail.order import Cursor
from apps.trail.seals import places

AN_INTEGER = st.integers(0, 2**31 - 1)
A_BIGINT = st.integers(0, 2**63 - 1)


@given(st.lists(st.builds(Cursor, AN_INTEGER, A_BIGINT, A_BIGINT), max_size=30))
def test_what_was_packed_is_unpacked(given: list[Cursor]) -> None:
    assert places.unpack(places.pack(given)) == given


def test_events_one_after_the_other_take_three_bytes_each() -> None:
    batch = [Cursor(1, 90_000 + n // 3, 500_000 + n) for n in range(1_000)]

    assert len(places.pack(batch)) < 3 * 1_000 + 10


@pytest.mark.parametrize("broken", [b"\x80", b"\x02\x02", b"\x02\x02\x02\xff"])
def test_bytes_that_were_never_packed_are_refused(broken: bytes) -> None:
    with pytest.raises(ValueError):
        places.unpack(broken)
