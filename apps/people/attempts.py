"""Which of many failed attempts to sign in are told. Pure."""

from __future__ import annotations

from datetime import timedelta

WINDOW = timedelta(minutes=1)
# Of one address within a window, whoever it tries to be; a whole office may be behind it.
ALL_TOLD = 10


def is_told(of_name: int, of_address: int) -> bool:
    """Whether the attempt is told that is this many-th from its address with its name, and with any name.

    Each of the first of an address; then the 10th, 100th, 1,000th, with a name and whatever the names: so that a wave
    of any size is some lines on the trail, and its size is among them.
    """
    return of_address <= ALL_TOLD or _is_round(of_name) or _is_round(of_address)


def _is_round(count: int) -> bool:
    return count >= 10 and str(count).strip("0") == "1"
