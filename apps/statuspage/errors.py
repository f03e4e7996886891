"""What the status page refuses."""

from __future__ import annotations


class SubscribingError(Exception):
    """The base; its message can be shown to anybody."""


class BadSubscriber(SubscribingError):
    """What was asked for is no subscription; `errors` maps a field to its sentences."""

    def __init__(self, field: str, sentence: str) -> None:
        self.errors = {field: [sentence]}
        super().__init__(sentence)


class BadLink(SubscribingError):
    """The link is not one of ours, too old, or of somebody who left."""


class TooMany(SubscribingError):
    """Too many asked just now."""
