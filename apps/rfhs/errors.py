"""What requests for help refuse."""

from __future__ import annotations

from collections.abc import Sequence


class RFHError(Exception):
    """The base; its message can be shown to a person."""


class UnknownRFH(RFHError):
    """There is no such request."""


class BadRFH(RFHError):
    """What was asked for is no request; `errors` maps a field to its sentences."""

    def __init__(self, field: str, sentence: str) -> None:
        self.errors = {field: [sentence]}
        super().__init__(sentence)


class IllegalStep(RFHError):
    """The request is not where this step starts; `legal_from` holds the states it would be legal from."""

    def __init__(self, step: str, state: str, legal_from: Sequence[str], words: str) -> None:
        self.step, self.legal_from = step, list(legal_from)
        names = ", ".join(name.replace("_", " ") for name in legal_from)
        super().__init__(f"“{words}” is not possible while the request is {state.lower()}: only from {names}.")


class NotYours(RFHError):
    """Only those of the team, who asked, and managers may."""


class ChangedMeanwhile(RFHError):
    """Somebody changed the request since it was read; nothing was written."""
