"""What breaks in the demo organisation: components in groups, what is broken now, and what was in ninety days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from apps.incidents import services
from apps.incidents.models import Component, ComponentGroup, Incident, Maintenance
from apps.incidents.services import maintenance, rca
from apps.people import services as people
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.tickets.models import Ticket
from supportops.demo_past_incidents import PASSED, Passed
from supportops.demo_steps import Step

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Moment = tuple[datetime, Callable[[datetime], object]]
QUARTER = 90 * DAY

# Group: slug, name, description, whether it is public.
COMPONENTS: dict[str, tuple[tuple[str, str, str, bool], ...]] = {
    "Product": (
        ("web", "Web application", "What you see in a browser.", True),
        ("mobile", "Mobile applications", "iOS and Android, with their notifications.", True),
        ("search", "Search", "Code, messages and files.", True),
        ("code-intelligence", "Code intelligence", "Hovers, definitions and references.", True),
    ),
    "Platform": (
        ("api", "API", "REST and GraphQL.", True),
        ("sign-in", "Sign-in", "Passwords, SAML and OpenID Connect.", True),
        ("webhooks", "Webhooks", "Calls to your systems.", True),
        ("files", "File storage", "Uploads and previews.", True),
        ("billing", "Billing backend", "Behind the shop; nobody outside knows it by this name.", False),
    ),
    "Help": (
        ("help-desk", "Help desk", "Where you write to us.", True),
        ("docs", "Documentation", "", True),
    ),
}
# What the public page may call them.
PUBLIC_NAMES = {"lead": "Lena, Sustained Engineering", "agent": "Ana, Support", "farid": "Farid"}


@dataclass(frozen=True)
class Fault:
    """An incident that began so long ago, and what came of it."""

    ago: timedelta
    by: str
    fields: dict[str, Any]
    people: dict[str, str] = field(default_factory=dict)
    ticket: str = ""
    steps: tuple[Step, ...] = ()


def _hits(**components: str) -> list[dict[str, str]]:
    return [{"slug": slug.replace("_", "-"), "status": status} for slug, status in components.items()]


FAULTS: tuple[Fault, ...] = (
    Fault(
        3 * HOUR,
        "lead",
        {
            "title": "Search results are incomplete",
            "severity": "sev-3",
            "description": "Two of twelve shards answer late since the index was compacted. Acme and Initech asked.",
            "public_text": "Some searches find fewer results than they should. **Nothing is lost**; we are on it.",
            "internal_note": "Shards 4 and 9. Do not restart them: compaction would begin anew.",
            "components": _hits(search="degraded_performance"),
        },
        {"point": "hiro", "contact": "lead"},
        ticket="Search finds nothing after the upgrade",
        steps=(
            Step(4 * MINUTE, "hiro", "acknowledge"),
            Step(
                35 * MINUTE,
                "lead",
                "post_update",
                {
                    "status": "identified",
                    "public_text": "Two parts of the index answer late. We make them anew, which takes a few hours:\n\n"
                    "- new content is found at once\n- older content follows",
                    "internal_note": "Rebuilding 4 first, it is Acme's.",
                },
            ),
            Step(
                110 * MINUTE,
                "hiro",
                "post_update",
                {"internal_note": "Shard 4 is at 60 %. Shard 9 waits until it is done."},
            ),
        ),
    ),
    Fault(
        50 * MINUTE,
        "ben",
        {
            "title": "Webhooks arrive up to ten minutes late",
            "severity": "sev-2",
            "description": "The queue grows since 10.2 went out. Initech counts on it for their deployments.",
            "public_text": "Webhooks are delayed by up to ten minutes. None is lost: all are delivered in order.",
            "internal_note": "Three customers asked within five minutes.",
            "components": _hits(webhooks="partial_outage"),
        },
        {"contact": "ben"},
        steps=(Step(6 * MINUTE, "farid", "acknowledge"),),
    ),
    Fault(
        26 * HOUR,
        "chidi",
        {
            "title": "Invoices are sent in the wrong language",
            "severity": "sev-5",
            "description": "Hooli's was in Portuguese. For us alone until billing knows how many there are.",
            "internal_note": "Billing looks at the templates.",
            "components": _hits(billing="degraded_performance"),
        },
        {"point": "dana", "contact": "chidi"},
        steps=(Step(20 * MINUTE, "dana", "acknowledge"),),
    ),
    Fault(
        46 * HOUR,
        "agent",
        {
            "title": "Documentation answers 404 for older versions",
            "severity": "sev-4",
            "components": _hits(docs="degraded_performance"),
            "internal_note": "The redirect was lost when the site moved.",
        },
        {"point": "dana", "contact": "agent"},
        steps=(
            Step(9 * MINUTE, "dana", "acknowledge"),
            Step(2 * HOUR, "dana", "post_update", {"status": "monitoring", "internal_note": "Redirects are back."}),
            Step(
                4 * HOUR,
                "manager",
                "mark_invalid",
                {"because": "The pages had moved for good, and links to them were mended."},
            ),
        ),
    ),
)


# What came of the incident that a request asked for by its level, so long ago.
ASKED: tuple[tuple[str, timedelta, Step], ...] = (
    ("The community server answers posts after six seconds", 26 * HOUR, Step(timedelta(0), "farid", "acknowledge")),
    (
        "The community server answers posts after six seconds",
        7 * HOUR,
        Step(
            timedelta(0),
            "farid",
            "post_update",
            {
                "status": "monitoring",
                "internal_note": "The index of yesterday is reverted; posts take 300 ms. Watching until tomorrow.",
                "components": _hits(web="degraded_performance"),
            },
        ),
    ),
)


@dataclass(frozen=True)
class Work:
    """Maintenance that was planned so long ago, begins so much later than now (or earlier), and lasts so long."""

    planned: timedelta
    begins: timedelta
    lasts: timedelta
    title: str
    text: str
    components: tuple[str, ...]


WORKS: tuple[Work, ...] = (
    Work(
        4 * DAY,
        -25 * MINUTE,
        3 * HOUR,
        "New version of the help desk",
        "You can write to us as ever; answers come later.",
        ("help-desk",),
    ),
)
# When the RCA of the worst was written, and what it says.
WORST, ANALYSED = "The application is unavailable", 20 * DAY
RCA_TEXTS = {
    "summary": "A migration took a lock on the table of sessions at noon. Every request waited for it, each with a "
    "connection of its own, until the database gave out no more.",
    "impact": "For 47 minutes nobody could use the application or the API. Mobile applications showed what they had.",
    "causes": "- Migrations run without a limit on how long they wait for a lock.\n"
    "- The pool has no bound on waiting requests.\n- The alert on connections goes to a channel nobody watches.",
}
RCA_ACTIONS = (
    ("Give migrations a lock_timeout of two seconds", "greta", -12 * DAY, True),
    ("Refuse requests instead of queueing them without end", "farid", 9 * DAY, False),
    ("Send the alert on connections to the primary", "hiro", -3 * DAY, False),
)


def load(now: datetime) -> None:
    """Components in their groups, and what some people are called in public; what is there already stays as it is."""
    if Component.objects.exists():
        return
    began = now - QUARTER - 5 * DAY
    for name, components in COMPONENTS.items():
        group = ComponentGroup.objects.filter(name=name).first() or services.save_group(None, name=name, now=began)
        for slug, title, description, public in components:
            services.save_component(
                None, name=title, slug=slug, description=description, group=group, public=public, now=began
            )
    for name, called in PUBLIC_NAMES.items():
        agent = Agent.objects.filter(email=f"{name}@demo.example", public_name="").first()
        if agent is not None and not agent.is_superuser:
            people.save_agent(agent, public_name=called, now=now)


def moments(now: datetime) -> list[Moment]:
    """What happens when; nothing where incidents are there already."""
    if Incident.objects.exists() or not Component.objects.filter(slug="search").exists():
        return []
    found: list[Moment] = []
    for place, fault in enumerate(FAULTS):
        found.extend(_moments(fault, f"demo:incident:{place}", now - fault.ago))
    for place, passed in enumerate(PASSED):
        found.extend(_moments(_past(passed), f"demo:incident:past:{place}", now - passed.ago))
    found.append((now - ANALYSED, _analyse))
    for work in WORKS:
        found.extend(_maintain(work, now))
    for summary, ago, step in ASKED:
        found.append((now - ago, lambda at, summary=summary, step=step: _asked(summary, step, at)))  # type: ignore[misc]
    return found


def _moments(fault: Fault, key: str, began: datetime) -> Iterator[Moment]:
    yield began, lambda at: _declare(fault, key, at)
    for step in fault.steps:
        yield began + step.after, lambda at, step=step: _step(step, key, at)  # type: ignore[misc]


def _declare(fault: Fault, key: str, at: datetime) -> None:
    said = {**fault.fields, **{role: _agent(name) for role, name in fault.people.items()}}
    if fault.ticket:
        ticket = Ticket.objects.filter(subject=fault.ticket).order_by("-opened_at").first()
        said["tickets"] = [ticket] if ticket else []
    services.declare(by=Acting(_agent(fault.by)), now=at, source_key=key, **said)


def _step(step: Step, key: str, at: datetime) -> None:
    incident = Incident.objects.get(source_key=key)
    getattr(services, step.verb)(incident, **step.said, by=Acting(_agent(step.by)), now=at)


def _asked(summary: str, step: Step, at: datetime) -> None:
    incident = Incident.objects.filter(rfhs__summary=summary).first()
    if incident is not None:
        getattr(services, step.verb)(incident, **step.said, by=Acting(_agent(step.by)), now=at)


def _maintain(work: Work, now: datetime) -> Iterator[Moment]:
    """Planned, begun and ended, as far as that has come."""
    start = now + work.begins
    key = f"demo:{work.title}"
    yield now - work.planned, lambda at: _plan(work, start, key, at)
    yield from ((when, lambda at: _follow(key, at)) for when in (start, start + work.lasts) if when <= now)


def _plan(work: Work, start: datetime, key: str, at: datetime) -> None:
    maintenance.plan(
        title=work.title,
        public_text=work.text,
        components=work.components,
        starts_at=start,
        ends_at=start + work.lasts,
        by=Acting(_agent("lead")),
        now=at,
        key=key,
    )


def _follow(key: str, at: datetime) -> None:
    row = Maintenance.objects.filter(key=key).first()
    if row is not None:
        maintenance.follow_plan(row.pk, by=Acting(None, "Plan"), now=at)


def _analyse(at: datetime) -> None:
    """Why the worst of the incidents happened, and what is done about it."""
    incident = Incident.objects.get(title=WORST)
    by = Acting(_agent("lead"))
    written, _ = rca.begin(incident, texts=RCA_TEXTS, by=by, now=at)
    actions = [
        rca.Todo(text, _agent(owner), (at + ANALYSED + due).date(), done) for text, owner, due, done in RCA_ACTIONS
    ]
    rca.save(written, by=by, now=at, actions=actions)
    rca.finish(written, url=f"{settings.BASE_URL}{reverse('incidents:rca', args=[incident.pk])}", by=by, now=at)


def _past(passed: Passed) -> Fault:
    """Declared, acknowledged, found, mended, and closed by the lead; with an RCA elsewhere where it was bad."""
    hidden = {} if passed.said else {"published": False}
    found = {"status": "identified", "public_text": passed.found, "internal_note": passed.why, **hidden}
    watched = {"status": "monitoring", "public_text": "It is mended; we watch whether it holds." if passed.said else ""}
    steps = [
        Step(passed.seen, passed.point, "acknowledge"),
        Step(passed.lasted / 3, "lead", "post_update", found),
        Step(passed.lasted * 0.8, "lead", "post_update", {**watched, **hidden}),
        Step(passed.lasted, "lead", "close", {"public_text": passed.ended, **hidden}),
    ]
    if passed.severity == "sev-2":
        linked = {"url": f"https://wiki.example/rca/{passed.title.lower().replace(' ', '-')}", "public": False}
        steps.append(Step(passed.lasted + 2 * DAY, "lead", "link_rca", linked))
    fields: dict[str, Any] = {
        "title": passed.title,
        "severity": passed.severity,
        "description": passed.why,
        "public_text": passed.said,
        "components": [{"slug": slug, "status": status} for slug, status in passed.hit],
    }
    return Fault(passed.ago, "lead", fields, {"point": passed.point, "contact": "agent"}, steps=tuple(steps))


def _agent(name: str) -> Agent:
    return Agent.objects.get(email=f"{name}@demo.example")
