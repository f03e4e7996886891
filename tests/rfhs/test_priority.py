"""Which priority is suggested, and why."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from typing import Any

import pytest

from apps.rfhs.priority import suggest
from apps.rfhs.selectors import suggested_priority
from tests import make


@pytest.mark.parametrize(
    ("known", "priority", "because"),
    [
        ({}, "p2", "nothing speaks for more"),
        ({"severity": "urgent"}, "p1", "urgent ticket"),
        ({"severity": "high"}, "p2", "high ticket"),
        ({"severity": "high", "plan": "Enterprise", "highest_plan": True}, "p1", "high ticket, plan enterprise"),
        ({"plan": "Enterprise", "highest_plan": True}, "p2", "nothing speaks for more"),
        ({"prospect": True}, "p1", "prospect: still in the sales process"),
        ({"prospect": True, "severity": "low"}, "p2", "low ticket, prospect: still in the sales process"),
        ({"urgent_account": True}, "p1", "the account has another urgent ticket"),
        ({"level": "L1", "severity": "low"}, "p1", "low ticket, level L1"),
        ({"level": "L2"}, "p1", "level L2"),
        ({"kind": "feature", "severity": "urgent", "level": "L1"}, "p2", "a feature request is always p2"),
    ],
)
def test_severity_and_context_suggest_a_priority_with_the_reason(
    known: dict[str, Any], priority: str, because: str
) -> None:
    suggestion = suggest(**known)

    assert (suggestion.priority, suggestion.because) == (priority, because)


def test_more_urgent_is_never_less_important() -> None:
    for prospect, urgent, highest, level in product((False, True), (False, True), (False, True), ("", "L1", "L4")):
        found = [
            suggest(
                severity=each, prospect=prospect, urgent_account=urgent, plan="Top", highest_plan=highest, level=level
            )
            for each in ("low", "normal", "high", "urgent")
        ]
        assert [each.priority for each in found] == sorted((each.priority for each in found), reverse=True)


@pytest.mark.django_db
def test_the_customer_and_the_ticket_speak_for_a_request(now: datetime) -> None:
    make.plan("team")
    hooli = make.customer("hooli", stage="prospect")
    make.ticket("1", customer=hooli, severity="urgent")
    rfh = make.rfh(now, ticket=make.ticket("2", customer=hooli, severity="high"))

    suggestion = suggested_priority(rfh)

    assert suggestion.priority == "p1"
    assert suggestion.reasons[:3] == (
        "high ticket",
        "prospect: still in the sales process",
        "the account has another urgent ticket",
    )
