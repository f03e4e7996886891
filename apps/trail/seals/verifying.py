"""Verifying: everything under the seals is read again, and whatever is not as it was sealed is named.

It writes nothing, takes no lock and holds a batch at a time. What came after the newest seal nobody vouches for yet.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from apps.trail.events import in_words
from apps.trail.models import StoredEvent
from apps.trail.order import Cursor
from apps.trail.seals import chain, comparing, leaves, linked, merkle, places, selectors
from apps.trail.seals.chain import Head
from apps.trail.seals.comparing import Difference
from apps.trail.seals.models import Seal

logger = logging.getLogger(__name__)

# Events that are read at once; and seals, where few events are under each.
AT_ONCE, SEALS_AT_ONCE = 20_000, 500
# Of one seal so many differences are named, of all so many seals; beyond that there is no trail left to look through.
MOST_NAMED, MOST_BROKEN = 20, 20
# Before every place an event can be given by hand, also those no event ever had.
LOWEST = Cursor(-(2**31), -(2**63), -(2**63))

Read = Callable[..., list[bytes]]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed."""

    seal: int
    says: str
    what: str
    position: int | None = None


@dataclass
class Verified:
    """How far it looked and what it found."""

    seals: int = 0
    events: int = 0
    first: int | None = None
    newest: Seal | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings


def verify(
    *,
    start: int = 1,
    most: int | None = None,
    newest_events: int | None = None,
    heads: Sequence[Head] = (),
    read: Read = leaves.between,
    links: bool = False,
    at_once: int = AT_ONCE,
    seals_at_once: int = SEALS_AT_ONCE,
) -> Verified:
    """Look through the seals from number `start` on, all or `most` events of them, and compare the heads kept outside.

    With `newest_events` only the newest seals that cover so many are looked under; of the others the chain alone.
    With `links` it also sees that each event is on the streams it is about. `read` makes the leaves:
    `leaves.made_here` does so without the database's help. So many events, and so many seals, are read at once.
    """
    verified = Verified()
    deep = _covering(newest_events) if newest_events is not None else start
    before = Seal.objects.bare().filter(number__lt=start).order_by("-number").first()
    if before is not None and before.own_hash != bytes(before.hash):
        verified.findings.append(Finding(before.number, f"{_capital(before)} itself was altered.", "seal"))
    for batch in _batches(start, at_once, seals_at_once):
        verified.findings.extend(_chain(batch, before))
        if batch[-1].number >= deep:
            after = before.last if before else LOWEST
            verified.findings.extend(_events(batch, after, read, at_once))
            if links:
                verified.findings.extend(_links(batch, after))
            verified.events += sum(seal.count for seal in batch)
        before = batch[-1]
        verified.first = verified.first or batch[0].number
        verified.newest = before
        verified.seals += len(batch)
        if len({finding.seal for finding in verified.findings}) >= MOST_BROKEN:
            break
        if most is not None and verified.events >= most:
            break
    verified.findings.extend(against(heads))
    return verified


def is_more(after: Seal) -> bool:
    """Whether there is a seal after this one."""
    return Seal.objects.filter(number__gt=after.number).exists()


def _covering(events: int) -> int:
    """The number of the seal from which on the newest seals cover so many events."""
    covered = 0
    for number, count in Seal.objects.order_by("-number").values_list("number", "count").iterator():
        covered += count
        if covered >= events:
            return int(number)
    return 1


def against(heads: Sequence[Head]) -> Iterator[Finding]:
    """What is wrong with the end or the middle of the chain, by what was kept of it elsewhere."""
    newest = selectors.newest()
    there = dict(Seal.objects.filter(number__in=[head.number for head in heads]).values_list("number", "hash"))
    for head in heads:
        known = there.get(head.number)
        if known is None:
            end = f"the chain ends with {newest}" if newest else "there is no seal at all"
            lost = f"{end}: the rest was cut off" if not newest or newest.number < head.number else "is missing"
            yield Finding(head.number, f"Seal {head.number} was kept outside, and {lost}.", "cut")
            return
        if bytes(known) != head.hash:
            says = f"Seal {head.number} is not the one that was kept outside: up to there the trail was rewritten."
            yield Finding(head.number, says, "rewritten")
            return


def _batches(start: int, at_once: int, seals_at_once: int) -> Iterator[list[Seal]]:
    """The seals from `start` on, together as many as are read at once."""
    number = start
    while True:
        waiting = list(Seal.objects.bare().filter(number__gte=number).order_by("number")[:seals_at_once])
        if not waiting:
            return
        batch: list[Seal] = []
        events = 0
        for seal in waiting:
            if batch and events + seal.count > at_once:
                break
            batch.append(seal)
            events += seal.count
        yield batch
        number = batch[-1].number + 1


def _chain(batch: Sequence[Seal], before: Seal | None) -> Iterator[Finding]:
    """Whether each seal says what it said, and names the one before."""
    for seal in batch:
        expected = before.number + 1 if before else 1
        named = bytes(before.hash) if before else chain.BEGINNING
        if seal.number != expected:
            yield Finding(expected, f"Seal {expected} is missing: after it comes {seal}.", "seal")
        elif bytes(seal.previous) != named:
            yield Finding(seal.number, f"{_capital(seal)} does not follow on the one before it.", "seal")
        if seal.own_hash != bytes(seal.hash):
            yield Finding(seal.number, f"{_capital(seal)} itself was altered.", "seal")
        before = seal


def _events(batch: Sequence[Seal], after: Cursor, read: Read, at_once: int) -> Iterator[Finding]:
    """Whether the events under these seals are as they were; all are read at once when nothing is wrong."""
    # A count may have been altered; no batch has more.
    found = read(after, batch[-1].last, limit=min(sum(seal.count for seal in batch), at_once) + 1)
    at = 0
    for seal in batch:
        if merkle.root(found[at : at + seal.count]) != bytes(seal.root):
            break
        at += seal.count
    else:
        if at == len(found):
            return
    # Something is: each seal by itself, from where it should begin.
    for seal in batch:
        yield from _differences(seal, after, read, at_once)
        after = max(after, seal.last)


def _links(batch: Sequence[Seal], after: Cursor) -> Iterator[Finding]:
    """Which events are no longer on a stream they are about."""
    for place, stream in linked.gone(after, batch[-1].last, limit=MOST_NAMED):
        seal = next(seal for seal in batch if place <= seal.last)
        yield Finding(
            seal.number, f"{_event_at(place)} is no longer on {stream}, under {seal}.", "unlinked", place.position
        )


def _differences(seal: Seal, after: Cursor, read: Read, at_once: int) -> Iterator[Finding]:
    count = min(seal.count, at_once)
    found = read(after, seal.last, limit=count + 1)
    if len(found) == seal.count and merkle.root(found) == bytes(seal.root):
        return
    sealed = _sealed(seal)
    if sealed is None:
        says = f"Under {seal} something was altered, and so was what it kept of each event."
        yield Finding(seal.number, says, "seal")
        return
    texts = {document.place: document for document in leaves.documents(after, seal.last, limit=2 * count + 1_000)}
    told = comparing.differences(
        sealed,
        {place: merkle.leaf(document.text.encode()) for place, document in texts.items()},
        lambda at, place: texts[at].moved_to(place),
    )
    if not told:
        # The values differ from what the database says they are as text.
        yield Finding(seal.number, f"What is under {seal} reads otherwise here than in the database.", "seal")
    for difference in told[:MOST_NAMED]:
        yield Finding(seal.number, _named(difference, seal), difference.what, difference.place.position)
    if len(told) > MOST_NAMED:
        yield Finding(seal.number, f"And {len(told) - MOST_NAMED:,} more under {seal}.", "more")


def _sealed(seal: Seal) -> dict[Cursor, bytes] | None:
    """The leaves that were sealed, by their places; None when they are not what the root vouches for."""
    kept = Seal.objects.only("places", "leaves").get(number=seal.number)
    hashes = list(leaves.split(bytes(kept.leaves)))
    try:
        at = places.unpack(bytes(kept.places))
    except ValueError:
        return None
    if merkle.root(hashes) != bytes(seal.root) or len(at) != len(hashes):
        return None
    return dict(zip(at, hashes, strict=True))


def _named(difference: Difference, seal: Seal) -> str:
    who = _event_at(difference.place)
    match difference.what:
        case comparing.MISSING:
            return f"{who} is missing, under {seal}."
        case comparing.ADDED:
            return f"{who} was added afterwards, among those under {seal}."
        case comparing.REORDERED if difference.was_at is not None:
            return f"{who} was reordered: it stood where event {difference.was_at.position} should be, under {seal}."
        case _:
            return f"{who} was altered, under {seal}."


def _event_at(place: Cursor) -> str:
    """What stands there now, for a person; it may be anything, once somebody has altered it."""
    here = StoredEvent.objects.filter(epoch=place.epoch, transaction=place.transaction, position=place.position)
    known = here.values_list("event_id", "type").first()
    if known is None:
        return f"Event {place.position}"
    try:
        sentence = here.get().sentence
    except Exception:
        logger.info("Event %s cannot be read as its type says", place.position, exc_info=True)
        sentence = in_words(known[1])
    return f"Event {place.position} ({known[0]}: {sentence})"


def _capital(seal: Seal) -> str:
    return str(seal).capitalize()
