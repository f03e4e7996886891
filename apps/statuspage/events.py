"""What happens to those who hear of the status page. Their addresses are not here: who leaves is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class OfSubscriber:
    """What every event of a subscriber says of it."""

    subscriber: Annotated[int, "The subscriber's key"]
    kind: Annotated[str, "email or webhook"]
    where: Annotated[str, Personal, "What is shown of the address: the domain of an email, the host of a webhook"]


@dataclass(frozen=True, kw_only=True)
class SubscriberJoined(OfSubscriber, Event):
    """Somebody hears of incidents and maintenance from now on."""

    components: Annotated[list[str], "The slugs of the components they chose; empty for all"]
    by: Annotated[str, Personal, "Who added them, by name; empty when they confirmed it themselves"]

    def sentence(self) -> str:
        return f"{self.by} subscribed {self.where}" if self.by else f"Somebody at {self.where} subscribed"


@dataclass(frozen=True, kw_only=True)
class SubscriberChose(OfSubscriber, Event):
    """They hear of other components from now on."""

    components: Annotated[list[str], "The slugs of the components they chose; empty for all"]
    by: Annotated[str, Personal, "Who chose, by name; empty when they did themselves"]

    def sentence(self) -> str:
        return f"A subscriber at {self.where} hears of {', '.join(self.components) or 'all components'}"


@dataclass(frozen=True, kw_only=True)
class SubscriberLeft(OfSubscriber, Event):
    """They hear no more, and their address is forgotten."""

    by: Annotated[str, Personal, "Who removed them, by name; empty when they left themselves"]

    def sentence(self) -> str:
        return f"{self.by} removed a subscriber at {self.where}" if self.by else f"A subscriber at {self.where} left"


@dataclass(frozen=True, kw_only=True)
class SubscriberDisabled(OfSubscriber, Event):
    """Its endpoint failed for a day, so it hears no more until somebody says that it is mended."""

    because: Annotated[str, "How it failed the last time"]

    def sentence(self) -> str:
        return f"The webhook at {self.where} failed for a day and is disabled: {self.because}"


@dataclass(frozen=True, kw_only=True)
class SubscriberEnabled(OfSubscriber, Event):
    """Its endpoint is mended: it hears again."""

    by: Annotated[str, Personal, "Who said so, by name; empty when it was the subscriber"]

    def sentence(self) -> str:
        return f"The webhook at {self.where} hears again"
