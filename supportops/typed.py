"""Settings that are numbers, switches or one of a few words, and one list of those that are mistyped. Pure."""

from __future__ import annotations

import logging
import math
import re
import sys
import zoneinfo
from collections.abc import Mapping

ON = frozenset({"1", "true", "yes", "y", "on", "ok"})
OFF = frozenset({"0", "false", "no", "n", "off"})
_RATE = re.compile(r"[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day)")


class Typed:
    """Reads an environment; what cannot be read is remembered, and its default taken meanwhile.

    A setting that is there but empty counts as not set.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.mistyped: list[str] = []

    def switch(self, name: str, *, default: bool = False) -> bool:
        """On or off."""
        said = self._said(name)
        if not said:
            return default
        if said.lower() not in ON | OFF:
            self._refuse(name, said, "1 for on or 0 for off")
        return said.lower() in ON

    def number(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number within the bounds."""
        said = self._said(name)
        # Python reads 8_000 and digits of other scripts as well; nobody means those.
        if re.fullmatch(r"[0-9]{1,9}", said) and least <= int(said) <= most:
            return int(said)
        if said:
            self._refuse(name, said, f"a whole number from {least} to {most}, such as {default}")
        return default

    def seconds(self, name: str, *, default: float) -> float:
        """More than no seconds, and at most a minute."""
        said = self._said(name)
        if not said:
            return default
        try:
            given = float(said)
        except ValueError:
            given = math.nan
        if not 0 < given <= 60:
            self._refuse(name, said, f"a number of seconds, more than 0 and at most 60, such as {default:g}")
            return default
        return given

    def zone(self, name: str, *, default: str) -> str:
        """The name of a time zone."""
        said = self._said(name) or default
        try:
            zoneinfo.ZoneInfo(said)
        # A folder of the zone database is an OSError, an address outside of it a ValueError.
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            self._refuse(name, said, "a time zone's name, such as Europe/Paris")
            return default
        return said

    def rate(self, name: str, *, default: str) -> str:
        """So many of something in a time."""
        said = self._said(name) or default
        if not _RATE.fullmatch(said):
            self._refuse(name, said, f"a number, a stroke and s, min, hour or day, such as {default}")
            return default
        return said

    def level(self, name: str, *, default: str) -> str:
        """How much is logged."""
        said = (self._said(name) or default).upper()
        if said not in logging.getLevelNamesMapping():
            self._refuse(name, said, "DEBUG, INFO, WARNING or ERROR")
            return default
        return said

    def stop_if_mistyped(self) -> None:
        """Ends the program with one list, when there is anything on it."""
        if self.mistyped:
            lines = "\n".join(f"  - {line}" for line in self.mistyped)
            sys.exit(f"SupportOps cannot read these settings. Correct them in the environment:\n{lines}")

    def _said(self, name: str) -> str:
        return self._environment.get(name, "").strip()

    def _refuse(self, name: str, said: str, wanted: str) -> None:
        self.mistyped.append(f"{name} is “{said[:60]}”; it must be {wanted}.")
