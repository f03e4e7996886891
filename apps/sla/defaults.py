"""What holds where no policy says otherwise, and what a new portal's policies for requests and incidents say. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from apps.sla.audiences import KINDS, Audience
from apps.sla.matching import PolicyRule, PromiseRule, Rung

STEP = timedelta(minutes=10)
# The roles of the SET, in the order in which they are paged: ten minutes a step.
ROLES = ("primary", "backup", "lead")
REPEAT = 5

PAGES = PolicyRule(
    id=0,
    name="Pages",
    position=0,
    enabled=True,
    plans=frozenset(),
    without_plan=False,
    severities=frozenset(),
    channels=frozenset(),
    excluded_types=frozenset(),
    promises=(
        PromiseRule(
            kind="acknowledgement",
            within=len(ROLES) * STEP,
            rungs=tuple(
                Rung(tier, (tier - 1) * STEP, Audience(kind=KINDS.rotation, role=role, label=role))
                for tier, role in enumerate(ROLES, start=1)
            ),
            repeat=REPEAT,
        ),
    ),
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OWNER = Audience(kind=KINDS.owner, label="The owner of the request")
ACCOUNTABLE = Audience(kind=KINDS.accountable, label="The accountable agent")


def _role(role: str) -> Audience:
    return Audience(kind=KINDS.rotation, role=role, label=role)


def _promised(kind: str, within: timedelta, *rungs: tuple[timedelta, Audience]) -> PromiseRule:
    placed = tuple(Rung(tier, after, audience) for tier, (after, audience) in enumerate(rungs, start=1))
    return PromiseRule(kind=kind, within=within, rungs=placed)


def _requests(name: str, *promises: PromiseRule, priorities: tuple[str, ...] = ()) -> PolicyRule:
    return replace(PAGES, name=name, priorities=frozenset(priorities), promises=promises)


# Level L1 and L2 demand an update a day (Mattermost's SET), whatever the priority and whichever policy there is. Those
# who owe it hear a few hours before.
DAILY = _requests(
    "L1 and L2",
    _promised("update", DAY, (20 * HOUR, OWNER), (24 * HOUR, _role("lead")), (26 * HOUR, ACCOUNTABLE)),
)

# Who may act hears before the promise is broken: the team's rotation, then who answers to the customer.
RFHS = (
    _requests(
        "P1 requests for help",
        _promised(
            "acknowledgement",
            1 * HOUR,
            (HOUR / 2, _role("primary")),
            (HOUR * 3 / 4, _role("backup")),
            (1 * HOUR, _role("lead")),
            (2 * HOUR, ACCOUNTABLE),
        ),
        _promised(
            "first_answer",
            4 * HOUR,
            (3 * HOUR, _role("primary")),
            (3.5 * HOUR, _role("backup")),
            (4 * HOUR, _role("lead")),
            (5 * HOUR, ACCOUNTABLE),
        ),
        *DAILY.promises,
        priorities=("p1",),
    ),
    _requests(
        "P2 requests for help",
        _promised(
            "acknowledgement",
            1 * DAY,
            (12 * HOUR, _role("primary")),
            (18 * HOUR, _role("backup")),
            (24 * HOUR, _role("lead")),
            (30 * HOUR, ACCOUNTABLE),
        ),
        _promised(
            "first_answer",
            3 * DAY,
            (2 * DAY, _role("primary")),
            (2.5 * DAY, _role("backup")),
            (3 * DAY, _role("lead")),
            (3.5 * DAY, ACCOUNTABLE),
        ),
        _promised("update", 3 * DAY, (2.5 * DAY, OWNER), (3 * DAY, _role("lead")), (3.5 * DAY, ACCOUNTABLE)),
        priorities=("p2",),
    ),
)

CONTACT = Audience(kind=KINDS.contact, label="The contact, else the point")
LEAD = Audience(kind=KINDS.lead, label="The lead of the incident")
QUARTER = HOUR / 4


def _incidents(name: str, *promises: PromiseRule, levels: tuple[str, ...] = ()) -> PolicyRule:
    return replace(PAGES, name=name, levels=frozenset(levels), promises=promises)


# As with requests, an update a day is owed whichever policy there is: who owes it hears before, then when it is
# overdue, then who leads.
DAILY_OF_INCIDENTS = _incidents(
    "L1 and L2", _promised("update", DAY, (20 * HOUR, CONTACT), (24 * HOUR, CONTACT), (25 * HOUR, LEAD))
)

INCIDENTS = (
    _incidents(
        "L1 and L2 incidents",
        _promised("acknowledgement", QUARTER, (2 * QUARTER / 3, CONTACT), (QUARTER, LEAD)),
        *DAILY_OF_INCIDENTS.promises,
        levels=("L1", "L2"),
    ),
    _incidents(
        "Other incidents",
        _promised("acknowledgement", 4 * HOUR, (3 * HOUR, CONTACT), (4 * HOUR, LEAD)),
        _promised("update", 3 * DAY, (2.5 * DAY, CONTACT), (3 * DAY, CONTACT), (3.5 * DAY, LEAD)),
        levels=("L3", "L4"),
    ),
)
