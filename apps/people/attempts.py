"""Which of many failed attempts to sign in are told. Pure."""

from __future__ import annotations

from datetime import timedelta

WINDOW = timedelta(minutes=1)
# Of one address within a window, whoever it tries to be; a whole office may be behind it.
NAMES_TOLD = 10


def is_told(of_name: int, of_address: int) -> bool:
    """Whether the attempt is told that is this many-th from its address with its name, and with any name.

    The first with each name, for some names; then, whatever the names, the 10th, 100th, 1,000th: so that a wave of any
    size is some lines on the trail, and its size is among them.
    """
    if of_name == 1 and of_address <= NAMES_TOLD:
        return True
    return _is_round(of_name) or (of_address > NAMES_TOLD and _is_round(of_address))


def _is_round(count: int) -> bool:
    return count >= 10 and str(count).strip("0") == "1"
