"""The places of a batch's events in few bytes: each as its distance from the one before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps.trail.order import START, Cursor


def pack(places: Iterable[Cursor]) -> bytes:
    """The places as bytes; about three for each."""
    packed, before = bytearray(), START
    for place in places:
        for now, then in zip(place, before, strict=True):
            packed += _number(now - then)
        before = place
    return bytes(packed)


def unpack(packed: bytes) -> list[Cursor]:
    """The places that were packed. Raises ValueError when these bytes were never packed."""
    steps, places, before = list(_numbers(packed)), [], START
    if len(steps) % len(START):
        raise ValueError("The last place is cut off.")
    for epoch, transaction, position in zip(steps[::3], steps[1::3], steps[2::3], strict=True):
        before = Cursor(before.epoch + epoch, before.transaction + transaction, before.position + position)
        places.append(before)
    return places


def _number(step: int) -> bytes:
    """Seven bits a byte, small ones first; the sign is the lowest bit, as in Protocol Buffers' zigzag."""
    rest, parts = (step << 1) if step >= 0 else ((-step << 1) - 1), bytearray()
    while rest > 0x7F:
        parts.append(rest & 0x7F | 0x80)
        rest >>= 7
    parts.append(rest)
    return bytes(parts)


def _numbers(packed: bytes) -> Iterator[int]:
    rest = shift = 0
    for byte in packed:
        rest |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        yield rest >> 1 if not rest & 1 else -((rest + 1) >> 1)
        rest = shift = 0
    if shift:
        raise ValueError("The last number is cut off.")
