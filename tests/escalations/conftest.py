"""Ana on shift, the Enterprise policy, and ticket 4711."""

from __future__ import annotations

import pytest

from apps.people.models import Agent
from apps.sla.models import Policy
from apps.tickets.models import Ticket
from tests import make


@pytest.fixture
def ana() -> Agent:
    agent = make.agent("Ana")
    make.shift(agent)
    return agent


@pytest.fixture
def policy() -> Policy:
    return make.policy(plans=(make.plan(),))


@pytest.fixture
def ticket(policy: Policy) -> Ticket:
    return make.ticket(plan=make.plan())
