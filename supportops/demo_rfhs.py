"""Requests for help in the demo organisation: one in every state, and what was asked in the months before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.pages.models import Page
from apps.people import services as people
from apps.people.acting import Acting
from apps.people.models import Agent, Channel, Customer, Team
from apps.rfhs import services
from apps.rfhs.models import RFH, Area, Desk
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail.managed import saving
from supportops.demo_on_call import SET
from supportops.demo_past_rfhs import BOTHER, LEARNED, PASSED
from supportops.demo_steps import Step

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Moment = tuple[datetime, Callable[[datetime], object]]

# Whose engineers they are when they are not on SET.
ENGINEERS = {
    "search": ("hiro",),
    "delivery": ("greta",),
    "code-intelligence": ("ines",),
    "repository-management": ("farid",),
}
# How many requests each takes at once, and after how many days one is stuck.
DESKS = {
    SET: (8, 2),
    "search": (3, 3),
    "delivery": (4, 3),
    "repository-management": (4, 3),
    "code-intelligence": (4, 3),
}
ASK_RND = ("C0ASKRND", "ask-rnd")
URGENT = "Their production is down, and every minute counts."


@dataclass(frozen=True)
class Ask:
    """A request that began so long ago, and what came of it."""

    ago: timedelta
    by: str
    fields: dict[str, Any]
    ticket: str = ""
    team: str = ""
    steps: tuple[Step, ...] = ()
    # A SET item is its team's from its first moment.
    item: bool = False
    of_page: bool = False


CONTEXT = {
    "environment": "10.2 on Kubernetes, PostgreSQL 15, 4,000 users",
    "steps_to_reproduce": "Upgrade from 10.1, then search for any word that is in a private channel.",
    "recent_changes": "The upgrade to 10.2 on the evening before.",
    "affected": "Everybody who was a member before the upgrade.",
    "urgency": "Their week's report hangs on it.",
}
SERVER = {
    "version": "10.2.1",
    "database": "PostgreSQL 15.4",
    "configuration": "As shipped but for SAML.",
    "logs": "Sent.",
}


def _filed(after: timedelta, by: str, **said: Any) -> Step:
    return Step(after, by, "file", said)


ASKS: tuple[Ask, ...] = (
    Ask(
        2 * HOUR,
        "agent",
        {
            "summary": "Which index does search read after the upgrade?",
            "context": {"environment": CONTEXT["environment"]},
        },
        ticket="Search finds nothing after the upgrade",
    ),
    Ask(
        50 * MINUTE,
        "ben",
        {"summary": "Can a bot's token be rotated without a restart?", "kind": "question"},
        ticket="How do we rotate the bot's token?",
        steps=(Step(10 * MINUTE, "ben", "ask_teammates"),),
    ),
    Ask(
        80 * MINUTE,
        "chidi",
        {
            "summary": "A cluster node leaves and does not return",
            "priority": "p1",
            "priority_because": "Severity urgent, and half of their cluster is gone.",
            "timeline": "Now, please.",
            "context": CONTEXT,
        },
        ticket="Cluster node leaves and does not return",
        steps=(_filed(5 * MINUTE, "chidi", team="delivery", area="deployment", skip_teammates_because=URGENT),),
    ),
    Ask(
        6 * DAY,
        "agent",
        {"summary": "The extension shows no blame in merge requests", "kind": "defect", "customer": "initech"},
        steps=(_filed(2 * HOUR, "agent", team="extensibility", area="sourcegraph-extensions"),),
    ),
    Ask(
        2 * DAY,
        "dana",
        {"summary": "Hovers are empty for one of two Go modules", "customer": "hooli", "context": CONTEXT},
        steps=(
            Step(HOUR, "dana", "ask_teammates"),
            _filed(4 * HOUR, "dana", team="code-intelligence", area="code-intelligence"),
            Step(7 * HOUR, "ines", "acknowledge"),
        ),
    ),
    Ask(
        30 * HOUR,
        "agent",
        {
            "summary": "Cloning stops at 2 GB from their Bitbucket",
            "customer": "globex",
            "context": CONTEXT,
            "timeline": "Later this week is fine.",
        },
        steps=(
            Step(HOUR, "agent", "ask_teammates"),
            _filed(3 * HOUR, "agent", team="repository-management", area="code-host-connections"),
            Step(5 * HOUR, "farid", "start"),
            Step(
                24 * HOUR,
                "farid",
                "post_update",
                {"text": "It is their proxy's limit on an answer, not ours. Proving it."},
            ),
        ),
    ),
    Ask(
        4 * MINUTE,
        "lead",
        {
            "summary": "Globex: the SAML answer is refused since 10.2",
            "level": "L2",
            "bug_class": "hotfix",
            "customer": "globex",
            "context": {"version": "10.2.0"},
        },
        item=True,
        of_page=True,
    ),
    Ask(
        27 * HOUR,
        "lead",
        {
            "summary": "The community server answers posts after six seconds",
            "source": "channel",
            "production": True,
            "level": "L2",
            "symptoms": ["slow"],
            "context": SERVER,
        },
        item=True,
        steps=(
            Step(10 * MINUTE, "lead", "start"),
            Step(
                2 * HOUR, "lead", "post_update", {"text": "Reverted the index of yesterday; watching whether it holds."}
            ),
        ),
    ),
    Ask(
        3 * DAY,
        "greta",
        {
            "summary": "Search needs 40 GB of memory on one shard",
            "source": "channel",
            "customer": "acme",
            "bug_class": "customer_reported",
            "level": "L3",
            "symptoms": ["memory"],
            "context": {**SERVER, "heap_profile": "In the channel."},
        },
        item=True,
        steps=(
            Step(HOUR, "greta", "start"),
            Step(
                2 * DAY,
                "greta",
                "hand_over",
                {
                    "team": "search",
                    "note": "The heap is all index pages of one repository; we cannot shrink it from outside.",
                },
            ),
        ),
    ),
    Ask(
        5 * DAY,
        "lead",
        {"summary": "Why are two ports open by default?", "source": "ask_rnd", "kind": "question"},
        item=True,
    ),
    Ask(
        4 * DAY,
        "hiro",
        {
            "summary": "Emoji picker jumps in the release candidate",
            "source": "board",
            "bug_class": "release",
            "level": "L4",
        },
        item=True,
        steps=(Step(HOUR, "hiro", "acknowledge"),),
    ),
    Ask(
        28 * HOUR,
        "agent",
        {
            "summary": "Which permission hides a repository from search?",
            "kind": "question",
            "customer": "acme",
            "context": CONTEXT,
        },
        steps=(
            Step(HOUR, "agent", "ask_teammates"),
            _filed(3 * HOUR, "agent", team="search", area="search"),
            Step(6 * HOUR, "hiro", "acknowledge"),
            Step(25 * HOUR, "hiro", "answer", {"answer": "Explicit permissions win over those of the code host."}),
        ),
    ),
    Ask(
        4 * DAY,
        "ben",
        {"summary": "Export of saved searches as CSV", "kind": "feature", "customer": "initech"},
        steps=(
            _filed(HOUR, "ben", team="search", area="search", skip_teammates_because="It is a wish, not a question."),
            Step(2 * DAY, "hiro", "reroute", {"to": "Product", "note": "Wanted by three customers this quarter."}),
        ),
    ),
    Ask(
        3 * DAY,
        "chidi",
        {"summary": "Is there a limit on saved searches?", "kind": "question", "customer": "hooli"},
        steps=(
            Step(20 * MINUTE, "chidi", "ask_teammates"),
            Step(
                70 * MINUTE,
                "dana",
                "solved_by_teammate",
                {"answer": "None since 9.8; before it was a hundred.", "answered_by": "Dana Kovács"},
            ),
        ),
    ),
)


def load(now: datetime) -> None:
    """The teams' engineers and desks; what is there already stays as it is."""
    for slug, names in ENGINEERS.items():
        team = Team.objects.filter(slug=slug, members=None).first()
        members = list(Agent.objects.filter(email__in=[f"{name}@demo.example" for name in names]))
        if team is not None and members:
            people.save_team(team, members=members, now=now)
    people.channel(*ASK_RND, now=now)
    for slug, (limit, days) in DESKS.items():
        team = Team.objects.filter(slug=slug).first()
        if team is None or Desk.objects.filter(team=team).exists():
            continue
        desk = Desk(team=team, limit=limit, stuck_after_days=days, is_set=slug == SET)
        if desk.is_set:
            desk.ask_channel = Channel.objects.get(slack_id=ASK_RND[0])
        with saving(desk, now=now):
            desk.save()


def moments(now: datetime) -> list[Moment]:
    """What happens when; nothing where requests are there already."""
    if RFH.objects.exists() or not Team.objects.filter(slug=SET).exists():
        return []
    found: list[Moment] = []
    for place, ask in enumerate(ASKS):
        found.extend(_moments(ask, f"demo:{place}", now - ask.ago))
    return [*found, *_past(now), *_on_the_spot(now)]


def _moments(ask: Ask, key: str, began: datetime) -> Iterator[Moment]:
    yield began, lambda at: _begin(ask, key, at)
    for step in ask.steps:
        yield began + step.after, lambda at, step=step: _step(ask, step, key, at)  # type: ignore[misc]


def _begin(ask: Ask, key: str, at: datetime) -> None:
    said = dict(ask.fields)
    if slug := said.pop("customer", ""):
        said["customer"] = Customer.objects.filter(slug=slug).first()
    if ask.ticket:
        said["ticket"] = Ticket.objects.filter(subject=ask.ticket).order_by("-opened_at").first()
    if not ask.item:
        services.begin(by=_acting(ask.by), now=at, source_key=key, **said)
        return
    if ask.of_page:
        page = Page.objects.filter(team__slug=SET).order_by("-opened_at").first()
        if page is None:
            return
        said |= {"source": RFH.Source.PAGE, "description": page.message}
        key = page.stream
    services.make_item(team=Team.objects.get(slug=ask.team or SET), by=_acting(ask.by), now=at, source_key=key, **said)


def _step(ask: Ask, step: Step, key: str, at: datetime) -> None:
    rfh = RFH.objects.get(source_key=key)
    said = dict(step.said)
    if "team" in said:
        said["team"] = Team.objects.get(slug=said["team"])
    if "area" in said:
        area = Area.objects.filter(slug=said["area"]).first()
        said |= {"area": area, "proposed_area": area, "tracker": ""}
    getattr(services, step.verb)(rfh, **said, by=_acting(step.by), now=at)


def _past(now: datetime) -> Iterator[Moment]:
    """A ticket every few days back over the months, and for some of them a request, all answered."""
    for place, subject in enumerate(PASSED):
        opened, number = now - 9 * DAY - place * 4 * DAY, str(3600 - place)
        yield opened, lambda at, number=number, subject=subject, place=place: _open(number, subject, place, at)  # type: ignore[misc]
        yield opened + 20 * MINUTE, lambda at, number=number: _reply(number, at)  # type: ignore[misc]
        yield opened + 30 * HOUR, lambda at, number=number: _solve(number, at)  # type: ignore[misc]
        if subject in LEARNED:
            yield from _moments(_answered(subject, place), f"demo:past:{number}", opened + HOUR)


def _answered(subject: str, place: int) -> Ask:
    team, area, answer, learned = LEARNED[subject]
    by, engineer = ("agent", "ben", "chidi", "dana")[place % 4], ENGINEERS[team][0]
    hours = 2 + place % 5
    # Whoever said more waited less.
    said = dict(list(CONTEXT.items())[: 6 - hours])
    return Ask(
        timedelta(0),
        by,
        {"summary": subject, "context": said},
        ticket=subject,
        steps=(
            Step(10 * MINUTE, by, "ask_teammates"),
            _filed(HOUR, by, team=team, area=area),
            Step(HOUR + hours * 20 * MINUTE, engineer, "start"),
            Step(HOUR + hours * 3 * HOUR, engineer, "answer", {"answer": answer}),
            Step(26 * HOUR, by, "resolve", {"learned": learned}),
        ),
    )


def _open(number: str, subject: str, place: int, at: datetime) -> None:
    slug = ("acme", "globex", "initech", "hooli")[place % 4]
    customer = Customer.objects.filter(slug=slug).select_related("plan").first()
    tickets.open_ticket(number=number, opened_at=at, origin="email", subject=subject, customer=customer, now=at)


def _reply(number: str, at: datetime) -> None:
    tickets.record_reply(tickets.find(number), author="agent", at=at, now=at)


def _solve(number: str, at: datetime) -> None:
    tickets.move(tickets.find(number), Ticket.Status.SOLVED, now=at)


def _on_the_spot(now: datetime) -> Iterator[Moment]:
    """Questions in the SET's channel that took minutes."""
    for place, (question, answer) in enumerate(BOTHER):
        said = {"question": question, "answer": answer, "source": RFH.Source.CHANNEL, "key": f"demo:{place}"}
        yield (
            now - (place + 1) * 20 * HOUR,
            lambda at, said=said: services.answered_here(  # type: ignore[misc]
                team=Team.objects.get(slug=SET), by=Agent.objects.get(email="farid@demo.example"), now=at, **said
            ),
        )


def _acting(name: str) -> Acting:
    return Acting(Agent.objects.get(email=f"{name}@demo.example"))
