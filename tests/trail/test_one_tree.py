"""From the message in Slack to what the portal posted there in time: one chain, shown as one tree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from apps.integrations.slack.gateway import Gateway
from apps.notices.delivery import Delivery
from apps.trail.causation import Node, chain
from apps.trail.models import StoredEvent
from tests import make
from tests.escalations.engine import sweep
from tests.slack.inbound import HERE, SECRET, ago, heard, watch
from tests.standins import slack_payloads as payloads
from tests.standins.slack import StandInSlack


@pytest.fixture
def slack(settings: object) -> Iterator[StandInSlack]:
    settings.SLACK_SIGNING_SECRET = SECRET  # type: ignore[attr-defined]
    with StandInSlack() as standin:
        yield standin


def types(node: Node, level: int = 0) -> list[tuple[int, str]]:
    """The tree read from the top: how deep each event lies, and its type."""
    return [(level, node.event.type), *(line for child in node.children for line in types(child, level + 1))]


@pytest.mark.django_db(transaction=True)
def test_what_was_posted_in_slack_is_one_tree_with_the_message_that_led_to_it(slack: StandInSlack) -> None:
    watch(plan=make.plan())
    make.policy(plans=(make.plan(),))
    make.shift(make.agent("Ana", slack_id="U1"), start=datetime.now(UTC) - timedelta(hours=1))
    ts = ago(minutes=11)

    heard(payloads.event_callback(payloads.bot_message(HERE, ts, attachments=payloads.ticket_lines("4711", "urgent"))))
    sweep(datetime.now(UTC))
    delivery = Delivery(gateway=Gateway("xoxb-standin", slack.api_url, timeout=1), clock=lambda: datetime.now(UTC))
    while not StoredEvent.objects.filter(type="NoticeSent").exists():
        delivery.step()
    delivery.finish()

    tree = chain(StoredEvent.objects.get(type="NoticeSent"))
    assert types(tree.root) == [(0, "TicketOpened"), (1, "ClockStarted"), (2, "EscalationReached"), (3, "NoticeSent")]
    assert (tree.root.event.field("number"), tree.root.event.field("origin")) == ("4711", "slack")
    [posted] = slack.posted(HERE)
    sent = tree.root.children[0].children[0].children[0].event
    assert (sent.field("ts"), sent.field("thread_ts")) == (posted["ts"], ts)
