"""What a hand-over needs of the apps above: their open items. Settings list the providers by dotted name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from apps.people.models import Agent, Team
from apps.rotations.errors import RotationError


class NotPassedOn(RotationError):
    """The item cannot be given to anybody: it is not open any more, or not there."""


@dataclass(frozen=True)
class Item:
    """Something that somebody of the incoming team must own. `stream` is its story; `state` says how it stands.

    `owner_email` is empty where nobody who works here has it; `owner` may name who had it when they left.
    """

    id: str
    title: str
    url: str
    owner_email: str
    since: datetime
    owner: str = ""
    state: str = ""
    stream: str = ""


@dataclass(frozen=True)
class Place:
    """A Slack channel the incoming people must be in, and why."""

    slack_id: str
    name: str
    because: str


class OpenItems(Protocol):
    """One kind of items: a module, such as apps.pages.handover."""

    NAME: str

    def open_items(self, team: Team) -> Sequence[Item]:
        """Everything of the team that is not done, the oldest first."""

    def reassign(self, item: Item, to: Agent, by: Agent | None, now: datetime) -> None:
        """`to` owns the item from now on, and its story tells so; nobody as `by` is the portal.

        Raises NotPassedOn when it is done, or not whose it was when it was read.
        """

    def channels(self, team: Team) -> Sequence[Place]:
        """Where the team's items of this kind are spoken of."""


def providers() -> dict[str, OpenItems]:
    """The providers by their names, in the order of settings. By dotted name, since they stand above this app."""
    found = (cast(OpenItems, import_module(path)) for path in settings.HANDOVER_PROVIDERS)
    return {provider.NAME: provider for provider in found}
