"""What Slack is to be asked once a handler's transaction is over: outside calls never run inside one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.integrations.slack.answering import Asked
from apps.integrations.slack.gateway import Gateway


@dataclass(frozen=True)
class OpenModal:
    """Show a modal to whoever asked. Slack takes it for three seconds after they did, once."""

    asked: Asked
    trigger_id: str
    view: dict[str, Any]

    def carry_out(self, gateway: Gateway) -> None:
        gateway.open_view(self.trigger_id, self.view)


@dataclass(frozen=True)
class PublishHome:
    """Show a view as somebody's Home tab."""

    user: str
    view: dict[str, Any]

    def carry_out(self, gateway: Gateway) -> None:
        gateway.publish_home(self.user, self.view)


@dataclass(frozen=True)
class Unfurl:
    """Show below a message what its links lead to; asked twice, Slack shows it once."""

    channel: str
    ts: str
    unfurls: dict[str, Any]

    def carry_out(self, gateway: Gateway) -> None:
        gateway.unfurl(self.channel, self.ts, self.unfurls)


Call = OpenModal | PublishHome | Unfurl
