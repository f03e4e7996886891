"""The story an object's own page tells: the newest events about it, and the way to all of them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from apps.trail.finding import Wanted, find
from apps.trail.models import StoredEvent

MOST = 10


@dataclass(frozen=True)
class Story:
    """What a page tells: `title`, which events, and the query by which /trail/ has the whole of it."""

    title: str
    wanted: Wanted
    whole: str


@dataclass(frozen=True)
class Told:
    """A story with its newest events, newest first; `is_cut` when there are more.

    `customer` is the stream of the customer it is about; empty when it is about something else.
    """

    title: str
    events: list[StoredEvent]
    whole: str
    is_cut: bool
    customer: str


def about(stream: str) -> Story:
    """What happened on a stream."""
    return Story("Story", Wanted(streams=(stream,)), urlencode({"stream": stream}))


def told(story: Story) -> Told:
    """The story's newest events."""
    found = find(story.wanted, limit=MOST)
    customer = next((stream for stream in story.wanted.streams if stream.startswith("customer:")), "")
    return Told(story.title, found.events, story.whole, is_cut=bool(found.older), customer=customer)
