"""Which instants anybody can have meant. Pure."""

from __future__ import annotations

from datetime import datetime

YEARS = range(1970, 2200)
"""At the ends of the calendar, year 1 and 9999, another time zone's clock cannot show the instant at all."""


def slip_in(at: datetime) -> str:
    """Why `at` cannot have been meant, as a sentence; "" when it can."""
    return "" if at.year in YEARS else f"The year {at.year} is a slip of the finger."
