"""What is refused about policies."""

from __future__ import annotations

from collections.abc import Mapping


class SlaError(Exception):
    """The base; its message can be shown to a manager."""


class PolicyRefused(SlaError):
    """The policy cannot be saved as it is.

    `errors` maps a field's path ("name", "promises.0.tiers.2.after") to sentences that say why.
    """

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = dict(errors)
        super().__init__(" ".join(sentence for sentences in self.errors.values() for sentence in sentences))
