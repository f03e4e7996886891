"""Watching for patterns: each new place where one is found becomes an event, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection

from apps.trail import reading
from apps.trail import services as trail
from apps.trail.models import StoredEvent
from apps.trail.patterns.checking import MOST, as_seen
from apps.trail.patterns.events import PatternMatched
from apps.trail.patterns.matching import Result, matches
from apps.trail.patterns.models import MatchedEvent, Pattern, present_name
from apps.trail.reading import Query

MATCHED, LINKED = PatternMatched.__name__, "EventsLinked"
# What a match led to (a message, its failing, its being sent again) is nothing new to look at, or a pattern of such
# events would be told of its own telling for ever.
LED_TO_BY_A_MATCH = """
WITH RECURSIVE up (origin, causation_id, found) AS (
    SELECT position, causation_id, type = %s FROM trail_storedevent WHERE position = ANY(%s)
    UNION
    SELECT up.origin, e.causation_id, e.type = %s
    FROM up JOIN trail_storedevent e ON e.id = up.causation_id WHERE NOT up.found
)
SELECT DISTINCT origin FROM up WHERE found
"""


def watch(events: Sequence[StoredEvent]) -> int:
    """Record what the watched patterns find by these new events; how many matches there were.

    Part of the transaction of whoever follows the trail. Given the same events again it records nothing again. What it
    reads grows with the stories that are touched, not with the patterns.
    """
    patterns = list(Pattern.objects.filter(active=True, watch=True, watched_since__isnull=False))
    looked_for = {name for pattern in patterns for name in pattern.rule.required} | {LINKED}
    new = [event for event in events if present_name(event.type) in looked_for]
    if not patterns or not new:
        return 0
    own = _led_to_by_a_match(new)
    new = [event for event in new if event.position not in own]
    by_stream: dict[str, dict[Pattern, set[int]]] = defaultdict(dict)
    for pattern in patterns:
        for stream, positions in _touched(pattern, new).items():
            by_stream[stream][pattern] = positions
    times = {event.position: event.occurred_at for event in new}
    # A follower has no clock of its own: it is the moment the last of these became known.
    now = max(event.recorded_at for event in events)
    return sum(_look(stream, fresh, times, now=now) for stream, fresh in by_stream.items())


def _touched(pattern: Pattern, events: Sequence[StoredEvent]) -> dict[str, set[int]]:
    """By stream of the watched kind, the positions of what is new there to the pattern.

    What is linked to a stream later is new there where that kind is watched; a pattern for every story looks at the
    stories events were recorded on alone, or it would tell of each once more for the audit log it is linked to.
    """
    required, kind = set(pattern.rule.required), pattern.watched_kind
    touched: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if pattern.watched_since is None or event.recorded_at < pattern.watched_since:
            continue
        if event.type == LINKED and kind:
            touched[str(event.field("stream"))].update(event.field("events") or ())
        if present_name(event.type) in required:
            for stream in event.about:
                touched[stream].add(event.position)
    return {stream: new for stream, new in touched.items() if new and (not kind or stream.partition(":")[0] == kind)}


def _look(
    stream: str, fresh: Mapping[Pattern, Collection[int]], times: Mapping[int, datetime], *, now: datetime
) -> int:
    """Record the new matches of these patterns on the stream; how many there were."""
    story = {event.position: event for event in _story(stream, fresh, times)}
    used: dict[int, set[int]] = defaultdict(set)
    spent = MatchedEvent.objects.filter(pattern__in=list(fresh), stream=stream, position__in=list(story))
    for key, position in spent.values_list("pattern", "position"):
        used[key].add(position)
    found = 0
    for pattern, positions in fresh.items():
        rule = pattern.rule
        seen = [event for event in as_seen(story.values()) if event.type in rule.types]
        for result in matches(rule, seen, fresh=positions, used=used[pattern.pk]):
            _record(pattern, stream, result, story, positions, now=now)
            found += 1
    return found


def _story(stream: str, fresh: Mapping[Pattern, Collection[int]], times: Mapping[int, datetime]) -> list[StoredEvent]:
    """The part of the stream in which a match by the fresh events can lie."""
    query = Query(stream=stream, types=tuple(sorted({name for pattern in fresh for name in pattern.stored_names})))
    windows = [pattern.within for pattern in fresh if not pattern.rule.anywhere]
    longest = [within for within in windows if within is not None]
    if len(longest) == len(fresh):
        positions = {position for each in fresh.values() for position in each}
        known = [times[position] for position in positions if position in times]
        linked = StoredEvent.objects.filter(position__in=positions - times.keys())
        at = [*known, *linked.values_list("occurred_at", flat=True)]
        # Half-open, so a moment is added.
        until = max(at) + max(longest) + timedelta(microseconds=1)
        query = replace(query, since=min(at) - max(longest), until=until)
    return reading.backwards(query, limit=MOST)


def _record(
    pattern: Pattern,
    stream: str,
    result: Result,
    story: Mapping[int, StoredEvent],
    fresh: Collection[int],
    *,
    now: datetime,
) -> None:
    evidence = [story[seen.position] for seen in result.evidence]
    last_new = [event for event in evidence if event.position in fresh][-1]
    matched = PatternMatched(
        pattern=pattern.pk,
        name=pattern.name,
        stream=stream,
        events=[event.position for event in evidence],
        first_at=evidence[0].occurred_at,
        last_at=evidence[-1].occurred_at,
        advice=pattern.advice,
        channel=pattern.channel,
    )
    happening = trail.Happening(
        event=matched,
        about=[stream, f"pattern:{pattern.pk}"],
        cause=last_new.event_id,
        correlation=last_new.correlation_id,
    )
    trail.record_many([happening], now=now)
    MatchedEvent.objects.bulk_create(
        [MatchedEvent(pattern=pattern, stream=stream, position=event.position) for event in evidence]
    )


def _led_to_by_a_match(events: Sequence[StoredEvent]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(LED_TO_BY_A_MATCH, [MATCHED, [event.position for event in events], MATCHED])
        return {position for (position,) in cursor.fetchall()}
