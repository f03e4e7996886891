"""What incidents refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class IncidentError(Exception):
    """The base; its message can be shown to a person."""


class UnknownIncident(IncidentError):
    """There is no such incident."""


class UnknownMaintenance(IncidentError):
    """There is no such maintenance."""


class BadIncident(IncidentError):
    """What was asked for is no incident; `errors` maps a field to its sentences."""

    def __init__(self, field: str, sentence: str) -> None:
        self.errors = {field: [sentence]}
        super().__init__(sentence)

    @classmethod
    def of(cls, errors: Mapping[str, list[str]]) -> BadIncident:
        """One refusal for several fields."""
        made = cls("", " ".join(sentence for sentences in errors.values() for sentence in sentences))
        made.errors = dict(errors)
        return made


class IllegalStep(IncidentError):
    """It is not where this step starts; `legal_from` holds the states it would be legal from."""

    def __init__(
        self, step: str, state: str, legal_from: Sequence[str], words: str, noun: str = "the incident"
    ) -> None:
        self.step, self.legal_from = step, list(legal_from)
        names = ", ".join(legal_from)
        super().__init__(f"“{words}” is not possible while {noun} is {state.lower()}: only from {names}.")


class AlreadyAcknowledged(IncidentError):
    """Somebody was quicker."""


class NotYours(IncidentError):
    """Only managers and leads may."""


class ChangedMeanwhile(IncidentError):
    """Somebody changed the incident since it was read; nothing was written."""
