"""A watched channel's own pattern: a regular expression a person wrote. Pure.

Python's `re` cannot be stopped, and a pattern such as `(a+)+$` can run for years on one line. The `regex`
package takes a time limit, so a slow pattern costs one message and not the worker.
"""

from __future__ import annotations

import regex

GROUPS = ("number", "priority", "type", "subject", "customer", "plan")
LONGEST_PATTERN = 500
LONGEST_TEXT = 4_000
"""Characters of a message that a pattern sees."""

SECONDS = 0.25


class InvalidPattern(ValueError):
    """The text is not a pattern a channel can have; the message says why."""


class TooSlow(Exception):
    """The pattern took longer than `SECONDS` on this message."""


def check_pattern(text: str) -> None:
    """Returns when `text` can be a channel's pattern. Raises InvalidPattern.

    It compiles, names the group `number` and no group but `GROUPS`.
    """
    groups = _compile(text).groupindex
    if unknown := sorted(set(groups) - set(GROUPS)):
        raise InvalidPattern(f'The group "{unknown[0]}" is not known: use {", ".join(GROUPS)}.')
    if "number" not in groups:
        raise InvalidPattern("The pattern needs a group for the ticket's number: (?P<number>[0-9]+).")


def search(pattern: str, text: str) -> dict[str, str] | None:
    """What the groups of `pattern` hold where it first matches in `text`; None when it matches nowhere.

    `^` and `$` match at every line; upper and lower case differ unless the pattern says `(?i)`. Raises
    InvalidPattern and TooSlow.
    """
    check_pattern(pattern)
    try:
        found = _compile(pattern).search(text[:LONGEST_TEXT], timeout=SECONDS)
    except TimeoutError:
        raise TooSlow(f"The channel's pattern took longer than {SECONDS:g} s on this message.")
    except (MemoryError, RecursionError):
        raise TooSlow("The channel's pattern is too complicated for this message.")
    if found is None:
        return None
    return {name: value for name, value in found.groupdict().items() if value is not None}


def _compile(text: str) -> regex.Pattern[str]:
    if not text.strip():
        raise InvalidPattern("The pattern is empty.")
    if len(text) > LONGEST_PATTERN:
        raise InvalidPattern(f"The pattern is longer than {LONGEST_PATTERN} characters.")
    try:
        return regex.compile(text, regex.MULTILINE)
    except regex.error as error:
        raise InvalidPattern(f"The pattern is not a regular expression: {error}.")
    except (MemoryError, OverflowError, RecursionError, ValueError, TypeError, KeyError, IndexError):
        raise InvalidPattern("The pattern is not a regular expression.")
