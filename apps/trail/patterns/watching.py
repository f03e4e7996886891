"""Watching for patterns: each new place where one is found becomes an event, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
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

    Part of the transaction of whoever follows the trail. Given the same events again it records nothing again.
    """
    patterns = list(Pattern.objects.filter(active=True, watch=True, watched_since__isnull=False))
    looked_for = {name for pattern in patterns for name in pattern.rule.required} | {LINKED}
    fresh = [event for event in events if present_name(event.type) in looked_for]
    if not patterns or not fresh:
        return 0
    own = _led_to_by_a_match(fresh)
    fresh = [event for event in fresh if event.position not in own]
    found = 0
    for pattern in patterns:
        for stream, positions in _touched(pattern, fresh).items():
            found += _look(pattern, stream, positions)
    return found


def _touched(pattern: Pattern, events: Sequence[StoredEvent]) -> dict[str, set[int]]:
    """By stream of the watched kind, the positions of what is new there to the pattern."""
    required = set(pattern.rule.required)
    touched: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if pattern.watched_since is None or event.recorded_at < pattern.watched_since:
            continue
        if event.type == LINKED:
            touched[str(event.field("stream"))].update(event.field("events") or ())
        if present_name(event.type) in required:
            for stream in event.about:
                touched[stream].add(event.position)
    kind = pattern.watched_kind
    return {stream: new for stream, new in touched.items() if not kind or stream.partition(":")[0] == kind}


def _look(pattern: Pattern, stream: str, fresh: Collection[int]) -> int:
    """Record the pattern's new matches on the stream; how many there were."""
    story = {event.position: event for event in _story(pattern, stream, fresh)}
    used = MatchedEvent.objects.filter(pattern=pattern, stream=stream, position__in=story)
    spent = set(used.values_list("position", flat=True))
    results = matches(pattern.rule, as_seen(story.values()), fresh=fresh, used=spent)
    for result in results:
        _record(pattern, stream, result, story, fresh)
    return len(results)


def _story(pattern: Pattern, stream: str, fresh: Collection[int]) -> list[StoredEvent]:
    """The part of the stream in which a match by the fresh events can lie."""
    query = Query(stream=stream, types=pattern.stored_names)
    within, whole = pattern.within, pattern.rule.anywhere
    if within is None or whole:
        return reading.backwards(query, limit=MOST)
    times = list(StoredEvent.objects.filter(position__in=fresh).values_list("occurred_at", flat=True))
    if not times:
        return []
    since, until = _reach(times, within)
    return reading.backwards(Query(stream=stream, types=pattern.stored_names, since=since, until=until), limit=MOST)


def _reach(times: Collection[datetime], within: timedelta) -> tuple[datetime, datetime]:
    # Half-open, so a moment is added.
    return min(times) - within, max(times) + within + timedelta(microseconds=1)


def _record(
    pattern: Pattern, stream: str, result: Result, story: dict[int, StoredEvent], fresh: Collection[int]
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
    trail.record_many([happening], now=last_new.recorded_at)
    MatchedEvent.objects.bulk_create(
        [MatchedEvent(pattern=pattern, stream=stream, position=event.position) for event in evidence]
    )


def _led_to_by_a_match(events: Sequence[StoredEvent]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(LED_TO_BY_A_MATCH, [MATCHED, [event.position for event in events], MATCHED])
        return {position for (position,) in cursor.fetchall()}
