"""A tree of hashes over a batch, as RFC 6962 builds it: leaves and nodes are told apart by their first byte. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

LEAF, NODE = b"\x00", b"\x01"
SIZE = 32


def leaf(document: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(LEAF + document).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The hash of all leaves in their order; of none, the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What `proven` needs, besides the leaf at `index`, to come to the root: from the leaf upwards."""
    path, level = [], list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, index = _above(level), index // 2
    return path


def proven(one: bytes, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root of the tree of `count` leaves in which `one` is at `index`; None when `path` has another length."""
    rest: Iterator[bytes] = iter(path)
    while count > 1:
        if index ^ 1 < count:
            beside = next(rest, None)
            if beside is None:
                return None
            one = sha256(NODE + (beside + one if index & 1 else one + beside)).digest()
        index, count = index // 2, (count + 1) // 2
    return one if next(rest, None) is None else None


def _above(level: list[bytes]) -> list[bytes]:
    """One level up; who has nobody beside it goes up as it is, which is RFC 6962's split at powers of two."""
    above = [sha256(NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
    return [*above, level[-1]] if len(level) & 1 else above
