"""The demo organisation: a few people, customers and channels, and tickets in every state around `now`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from apps.escalations.clocks import Running
from apps.escalations.models import Check, Clock
from apps.escalations.sweeping import settle
from apps.integrations.slack.models import SlackMessage, WatchedChannel
from apps.people import services as people
from apps.people.models import Agent, Channel, Customer, NamedGroup, Plan, Team, UserGroup
from apps.rotations.services import save_shift
from apps.rotations.validation import overlapping
from apps.tickets import services as tickets
from apps.tickets.models import Ticket
from apps.trail.audit import choosing
from apps.trail.context import Actor, acting
from apps.trail.managed import saving
from apps.trail.patterns.models import Pattern
from supportops import (
    demo_incident_story,
    demo_incidents,
    demo_on_call,
    demo_rfhs,
    demo_routing,
    demo_subscribers,
    roles,
)
from supportops.demo_on_call import ENGINEERS, GROUPS, PAGED, SET

PASSWORD = "demo"  # noqa: S105 (public on purpose; never beside real customers)
# Who may sign in, with what, as whom.
SIGN_INS = (
    ("manager@demo.example", roles.MANAGER),
    ("lead@demo.example", roles.LEAD),
    ("agent@demo.example", roles.AGENT),
    ("farid@demo.example", roles.ENGINEER),
    ("auditor@demo.example", roles.AUDITOR),
)
ROLE_OF = dict(SIGN_INS)
# How far ahead `make run` tells what will happen.
NEXT = timedelta(minutes=30)

# email's first part, first name, last name, nickname, Slack id
CAST = (
    ("manager", "Mara", "Lindqvist", "Mara", "U0MARA"),
    ("lead", "Lena", "Okafor", "Lena", "U0LENA"),
    ("agent", "Ana", "Torres", "Ana", "U0ANA"),
    ("auditor", "Audra", "Klein", "", "U0AUDRA"),
    ("ben", "Ben", "Achterberg", "Ben", "U0BEN"),
    ("chidi", "Chidi", "Eze", "Chi", "U0CHIDI"),
    ("dana", "Dana", "Kovács", "Dana", "U0DANA"),
    ("emil", "Emil", "Sørensen", "Emil", "U0EMIL"),
    ("farid", "Farid", "Haddad", "Farid", "U0FARID"),
    ("greta", "Greta", "Novak", "Greta", "U0GRETA"),
    ("hiro", "Hiro", "Tanaka", "Hiro", "U0HIRO"),
    ("ines", "Inês", "Duarte", "Inês", "U0INES"),
)
CHANNELS = (
    ("C0ENTERPRISE", "support-enterprise"),
    ("C0TEAMS", "support-teams"),
    ("C0SUPPORT", "group-support"),
    ("C0SET", "sustained-engineering"),
    ("C0ESCALATION", "escalations"),
    ("C0CRASH", "crash"),
)
WATCHED = (("C0ENTERPRISE", "enterprise"), ("C0TEAMS", "teams"))
CUSTOMERS = (
    ("acme", "Acme Robotics", "enterprise", "customer"),
    ("globex", "Globex", "enterprise", "customer"),
    ("initech", "Initech", "teams", "customer"),
    ("hooli", "Hooli", "pro", "customer"),
    ("umbrella", "Umbrella Labs", "free", "prospect"),
)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHIFT = 8 * HOUR
# Tier 1 of Enterprise is after ten minutes, so this one is reached a little over a minute after the load.
SOON = 8 * MINUTE + timedelta(seconds=45)


@dataclass(frozen=True)
class Story:
    """A ticket, opened so long ago; what came of it, counted from its opening."""

    ago: timedelta
    subject: str
    customer: str = ""
    severity: str = "normal"
    type: str = "problem"
    channel: str = ""
    replied: timedelta | None = None
    solved: timedelta | None = None


STORIES = (
    Story(
        26 * HOUR,
        "Cannot import a board from a backup",
        "initech",
        channel="C0TEAMS",
        replied=40 * MINUTE,
        solved=5 * HOUR,
    ),
    Story(
        23 * HOUR,
        "Which ports does the mobile client need?",
        "acme",
        type="question",
        channel="C0ENTERPRISE",
        replied=6 * MINUTE,
        solved=HOUR,
    ),
    Story(5 * HOUR, "Search finds nothing after the upgrade", "initech", "high", channel="C0TEAMS"),
    Story(4 * HOUR, "Messages arrive twice on iOS", "acme", "high", channel="C0ENTERPRISE", replied=65 * MINUTE),
    Story(
        3 * HOUR,
        "Login with SAML loops for new users",
        "globex",
        "high",
        channel="C0ENTERPRISE",
        replied=7 * MINUTE,
        solved=2 * HOUR,
    ),
    Story(2 * HOUR, "Plugin marketplace shows no versions", "globex", channel="C0ENTERPRISE", replied=14 * MINUTE),
    Story(95 * MINUTE, "Cluster node leaves and does not return", "globex", "urgent", channel="C0ENTERPRISE"),
    Story(80 * MINUTE, "We love the new threads", "acme", "low", "feedback", "C0ENTERPRISE"),
    Story(58 * MINUTE, "How do we rotate the bot's token?", "initech", "low", "question", "C0TEAMS"),
    Story(30 * MINUTE, "Invoice for the second quarter", "hooli", "low", "question"),
    Story(SOON, "Production is down: database connections exhausted", "acme", "urgent", "incident", "C0ENTERPRISE"),
    Story(6 * MINUTE, "Is there a limit on webhooks?", "", "normal", "question"),
)

# name, what happened in this order, what did not between, what to do
PATTERNS = (
    (
        "Escalated while nobody wrote",
        ("TicketOpened", "EscalationReached", "EscalationReached"),
        ("ReplyRecorded",),
        "Call the customer, then look who was on shift and why nobody took it.",
    ),
    (
        "Answered after an escalation",
        ("EscalationReached", "ReplyRecorded"),
        (),
        "It was seen late: look at the policy's first tier.",
    ),
)


def is_empty() -> bool:
    """Whether nobody has put anything of their own in here."""
    return not (Customer.objects.exists() or Ticket.objects.exists() or Agent.objects.exists())


@transaction.atomic
def load(*, now: datetime) -> int:
    """The organisation stands and its tickets have the history their times say; how many tickets were made.

    People, customers and channels that are there already stay as they are; the tickets are new ones each time.
    """
    with acting(actor=Actor(kind="system", label="Demo")):
        _people(now)
        _channels(now)
        _customers(now)
        choosing.choose(choosing.USUAL, now=now)
        extend_shifts(now=now)
        _patterns(now)
        demo_routing.load(now)
        demo_on_call.load(now)
        demo_rfhs.load(now)
        demo_incidents.load(now)
        return _tickets(now)


@transaction.atomic
def ahead(*, now: datetime) -> tuple[str, list[str]]:
    """What happens soon where the Slack preview shows it: the channel that speaks first, and a line for each tier.

    A ticket without a thread is told by direct message, which only who gets it would see there.
    """
    watched = WatchedChannel.objects.filter(enabled=True)
    due = (
        Check.objects.filter(
            state=Check.State.WAITING,
            clock__state=Clock.State.RUNNING,
            clock__ticket__channel__in=watched.values("channel__slack_id"),
            due_at__range=(now, now + NEXT),
        )
        .exclude(clock__ticket__thread_ts="")
        .select_related("clock__ticket")
        .order_by("due_at")[:6]
    )
    coming = [(check, check.clock.ticket) for check in due if check.clock.ticket]
    if not coming:
        return "", ["Nothing is due in the next half hour; `make demo` adds fresh tickets."]
    names = {channel.slack_id: str(channel) for channel in Channel.objects.all()}
    lines = [
        f"  {check.due_at:%H:%M:%S}  ticket {ticket.number} in {names.get(ticket.channel, ticket.channel)}: "
        f"tier {check.tier}, {check.audience.label}"
        for check, ticket in coming
    ]
    return coming[0][1].channel, [f"What will happen if nobody answers (UTC, now {now:%H:%M:%S}):", *lines]


def extend_shifts(*, now: datetime) -> None:
    """Somebody is on shift from two days ago until a week from now, and one agent is embedded in a product."""
    agents = {agent.email.partition("@")[0]: agent for agent in Agent.objects.filter(email__in=_emails())}
    crew = [agents[name] for name in ("agent", "ben", "chidi") if name in agents]
    if not crew or "dana" not in agents:
        return
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with acting(actor=Actor(kind="system", label="Demo")):
        for day in range(-2, 7):
            morning = midnight + day * DAY
            for turn in range(3):
                start = morning + turn * SHIFT
                # Two of three at a time, so that tier 1 always means somebody.
                for agent in (crew[turn % len(crew)], crew[(turn + 1) % len(crew)]):
                    _shift(agent, "support", "", start, start + SHIFT, now)
            _shift(agents["dana"], "embedded", "Boards", morning, morning + DAY, now)


def _emails() -> list[str]:
    return [f"{name}@demo.example" for name, *_ in CAST]


def _shift(agent: Agent, kind: str, product: str, start: datetime, end: datetime, now: datetime) -> None:
    # Also one that somebody entered by hand.
    if overlapping(None, agent=agent, starts_at=start, ends_at=end, kind=kind) is None:
        save_shift(None, agent=agent, kind=kind, product=product, starts_at=start, ends_at=end, now=now)


def _people(now: datetime) -> None:
    # Once: what makes it strong is that it takes a while.
    hashed = make_password(PASSWORD)
    for name, first, last, nickname, slack_id in CAST:
        email = f"{name}@demo.example"
        if Agent.objects.filter(email=email).exists():
            continue
        agent = people.save_agent(
            None, email=email, first_name=first, last_name=last, nickname=nickname, slack_id=slack_id, now=now
        )
        role = ROLE_OF.get(email)
        with saving(agent, now=now):
            if role:
                agent.password = hashed
            usual = roles.ENGINEER if name in ENGINEERS else roles.AGENT
            agent.groups.set(Group.objects.filter(name=role or usual))
            agent.save()
    agents = {agent.email.partition("@")[0]: agent for agent in Agent.objects.filter(email__in=_emails())}
    support = [agents[name] for name in ("agent", "ben", "chidi", "dana")]
    people.know_user_group(
        "S0SUPPORT",
        handle="group-support",
        name="Support",
        member_ids=[str(agent.slack_id) for agent in support],
        now=now,
    )
    # Whoever is on duty becomes the member, once Slack is connected.
    for role, slack_id in GROUPS:
        if not UserGroup.objects.filter(slack_id=slack_id).exists():
            people.know_user_group(slack_id, handle=f"set-{role}", name=f"SET {role}", member_ids=[], now=now)
    head = NamedGroup.objects.filter(slug="head-of-success").first()
    if head is None or not head.members.exists():
        people.save_named_group(head, slug="head-of-success", name="Head of success", members=[agents["emil"]], now=now)
    if not Team.objects.filter(slug="support").exists():
        people.save_team(
            None, slug="support", name="Support", kind="support", channel="C0SUPPORT", user_group="@group-support",
            members=support, now=now,
        )  # fmt: skip
    if not Team.objects.filter(slug=SET).exists():
        people.save_team(
            None, slug=SET, name="Sustained Engineering Team", kind="engineering",
            channel="C0SET", members=[agents["lead"], *(agents[name] for name in ENGINEERS)], now=now,
        )  # fmt: skip


def _channels(now: datetime) -> None:
    for slack_id, name in CHANNELS:
        people.channel(slack_id, name, now=now)
    for slack_id, plan in WATCHED:
        channel = Channel.objects.get(slack_id=slack_id)
        if not WatchedChannel.objects.filter(channel=channel).exists():
            watched = WatchedChannel(channel=channel, plan=Plan.objects.get(slug=plan))
            with saving(watched, now=now):
                watched.save()


def _customers(now: datetime) -> None:
    manager = Agent.objects.get(email="emil@demo.example")
    for slug, name, plan, stage in CUSTOMERS:
        if Customer.objects.filter(slug=slug).exists():
            continue
        people.save_customer(
            None,
            slug=slug,
            name=name,
            plan=Plan.objects.get(slug=plan),
            stage=stage,
            account_manager=manager,
            email_domains=[f"{slug}.example"],
            contacts=[{"name": f"Sam of {name}", "email": f"sam@{slug}.example", "role": "Administrator"}],
            now=now,
        )


def _patterns(now: datetime) -> None:
    for name, required, forbidden, advice in PATTERNS:
        if not Pattern.objects.filter(name=name).exists():
            pattern = Pattern(name=name, required=list(required), forbidden=list(forbidden), advice=advice)
            with saving(pattern, now=now):
                pattern.save()


def _tickets(now: datetime) -> int:
    """The stories, the page and the requests, in the order of time, with the tiers and steps reached on the way."""
    first = 4675
    known = [int(number) for number in Ticket.objects.values_list("number", flat=True) if number.isdigit()]
    if known:
        first = max(known) + 10
    moments: list[tuple[datetime, Callable[[datetime], object]]] = [(now - PAGED, demo_on_call.page)]
    moments.extend(demo_rfhs.moments(now))
    broken = demo_incidents.moments(now)
    moments.extend(broken)
    if broken:
        moments.extend(demo_incident_story.moments(now))
    moments.extend(demo_subscribers.moments(now))
    for place, story in enumerate(STORIES):
        moments.extend(_moments(story, str(first + 3 * place), now))
    # By time alone: functions have no order, and a sort is stable.
    for at, happens in sorted(moments, key=lambda moment: moment[0]):
        _pass_time(at)
        happens(at)
    _pass_time(now)
    return len(STORIES)


def _moments(story: Story, number: str, now: datetime) -> list[tuple[datetime, Callable[[datetime], object]]]:
    opened_at = now - story.ago
    found: list[tuple[datetime, Callable[[datetime], object]]] = [(opened_at, lambda at: _open(story, number, at))]
    if story.replied is not None:
        reply = lambda at: tickets.record_reply(tickets.find(number), author="agent", at=at, now=at)  # noqa: E731
        found.append((opened_at + story.replied, reply))
    if story.solved is not None:
        solve = lambda at: tickets.move(tickets.find(number), Ticket.Status.SOLVED, now=at)  # noqa: E731
        found.append((opened_at + story.solved, solve))
    return found


def _open(story: Story, number: str, at: datetime) -> None:
    ts = f"{int(at.timestamp())}.{number.zfill(6)[-6:]}" if story.channel else ""
    ticket, _ = tickets.open_ticket(
        number=number,
        opened_at=at,
        origin="slack" if story.channel else "email",
        subject=story.subject,
        customer=Customer.objects.filter(slug=story.customer).select_related("plan").first(),
        severity=story.severity,
        type=story.type,
        channel=story.channel,
        thread_ts=ts,
        url=f"https://desk.example/tickets/{number}",
        now=at,
    )
    if story.channel:
        text = f"*Ticket ID*: {number}\n*Ticket priority*: {story.severity}\n*Type*: {story.type}"
        payload = {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B0DESK",
            "username": "Help desk",
            "ts": ts,
            "text": "",
            "attachments": [{"text": text, "fallback": f"Ticket {number}"}],
        }
        SlackMessage.objects.create(
            channel=story.channel, ts=ts, payload=payload, outcome="ticket", ticket=ticket, seen_at=at
        )


def _pass_time(to: datetime) -> None:
    """Every check due before `to` is reached at its own time, as the sweep would have done."""
    while True:
        clock = Clock.objects.filter(Running, next_at__lte=to).order_by("next_at", "pk").first()
        if clock is None or clock.next_at is None:
            return
        settle([clock.pk], unknown_since=None, now=clock.next_at)
