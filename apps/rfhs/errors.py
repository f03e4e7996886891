"""What requests for help refuse."""

from __future__ import annotations

from collections.abc import Sequence

from apps.rfhs.privacy import Place


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


class PrivateText(RFHError):
    """The public would read what is the customer's; `places` says where. Nothing was written."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = list(places)
        said = "; ".join(f"{place.field}: “{place.text[:60]}” ({place.why})" for place in self.places[:5])
        more = f"; and {len(self.places) - 5} more" if len(self.places) > 5 else ""
        super().__init__(f"This is not for the public tracker: {said}{more}. Say it without, or file it privately.")

    @property
    def without_the_text(self) -> str:
        """The same in a sentence that can be kept: it repeats nothing of what is private."""
        said = dict.fromkeys(f"{place.field}, {place.why}" for place in self.places)
        return f"The public would read what is private ({'; '.join(said)}): say it in other words."
