"""A ZIP that comes into being piece by piece, for sending while it is written. Pure but for the clock it is given."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

# rw for the owner alone.
OWNERS = 0o600 << 16


class Pipe:
    """Where the ZIP is written: what was written since the last look is taken away, so nothing piles up."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """What was written since."""
        taken, self._parts = b"".join(self._parts), []
        return taken


class Archive:
    """The ZIP; each member is written to its end before the next, since a pipe cannot go back."""

    def __init__(self, made_at: datetime) -> None:
        self._pipe = Pipe()
        self._zip = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self._made_at = made_at

    def member(self, name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Add a member with the content of `parts`; the ZIP's next bytes as they come."""
        info = zipfile.ZipInfo(name, self._made_at.timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, OWNERS
        # How long it will be is not known, so it has room for more than 4 GB.
        with self._zip.open(info, "w", force_zip64=True) as member:
            for part in parts:
                member.write(part)
                if ready := self._pipe.take():
                    yield ready
        if ready := self._pipe.take():
            yield ready

    def end(self) -> bytes:
        """Its last bytes: the list of what is in it."""
        self._zip.close()
        return self._pipe.take()
