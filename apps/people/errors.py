"""What is refused about people and customers."""

from __future__ import annotations

from collections.abc import Mapping


class PeopleError(Exception):
    """The base; its message can be shown to a manager."""


class SuperusersAlone(PeopleError):
    """It is a superuser's, and only superusers change it, in the portal."""


class PeopleRefused(PeopleError):
    """Something cannot be saved as it is; `errors` maps a field to sentences that say why."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))
