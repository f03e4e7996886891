"""Why an event is under a seal, for somebody who has nothing but the seal's root."""

from __future__ import annotations

from dataclasses import dataclass

from apps.trail.order import Cursor
from apps.trail.seals import leaves, merkle, places
from apps.trail.seals.models import Seal


@dataclass(frozen=True)
class Proof:
    """The event's bytes, and the hashes from there to the root, in hexadecimal."""

    seal: int
    position: int
    index: int
    count: int
    document: str
    leaf: str
    path: list[str]
    root: str


def prove(seal: Seal, position: int) -> Proof | None:
    """The proof for the event at `position` as it is now; None when it is not under the seal.

    When the event was changed since, its document no longer comes to the leaf, and the proof shows it.
    """
    kept = Seal.objects.only("places", "leaves").get(number=seal.number)
    try:
        at = places.unpack(bytes(kept.places))
    except ValueError:
        # Somebody altered what the seal keeps; verifying says so.
        return None
    hashes = list(leaves.split(bytes(kept.leaves)))
    index = next((index for index, place in enumerate(at) if place.position == position), None)
    if index is None or len(hashes) != len(at):
        return None
    place = at[index]
    before = Cursor(place.epoch, place.transaction, place.position - 1)
    found = leaves.documents(before, place, limit=1)
    return Proof(
        seal=seal.number,
        position=position,
        index=index,
        count=seal.count,
        document=found[0].text if found else "",
        leaf=hashes[index].hex(),
        path=[beside.hex() for beside in merkle.proof(hashes, index)],
        root=bytes(seal.root).hex(),
    )
