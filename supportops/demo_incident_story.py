"""What belongs to the demo organisation's incidents beside updates: a pin, a page, and an RCA with its actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from apps.dashboard.incident_story import HAPPENED, story_of, text_of
from apps.incidents.models import Incident
from apps.incidents.services import keep_pin
from apps.incidents.services import rca as writing
from apps.incidents.services.rca import Todo
from apps.pages import services as pages
from apps.pages.models import Page
from apps.people.acting import Acting
from apps.people.models import Agent, Team
from supportops.demo_on_call import SET

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SEARCH, SIGN_IN = "Search results are incomplete", "Sign-in with SAML fails for some organisations"
SAID = "Shard 9 was compacted by hand on Tuesday, so it is further behind than 4. I have the log of it."
CAUSES = """\
**What set it off**

The certificate was renewed with an elliptic key. Okta's older agents refuse such a key.

**What made it possible**

Our staging has one identity provider, of the newest version.

**Why we did not notice earlier**

Failed sign-ins are counted per organisation, and nobody is told when one of them has none that works.

**What helped, and what got in the way**

Passwords went on working. The old certificate was on nobody's machine but Farid's.
"""
Moment = tuple[datetime, Callable[[datetime], object]]


def moments(now: datetime) -> list[Moment]:
    """What happens when."""
    return [
        (now - 130 * MINUTE, _page),
        (now - 126 * MINUTE, _acknowledge),
        (now - 118 * MINUTE, _pin),
        (now - 95 * MINUTE, _resolve),
        (now - 2 * DAY, _write),
    ]


def _page(at: datetime) -> None:
    incident, team = _incident(SEARCH), Team.objects.filter(slug=SET).first()
    if incident and team:
        pages.open_page(
            team=team,
            message=f"{incident}: who knows how shards are compacted? Two of them answer late.",
            origin=Page.Origin.WEB,
            by="Hiro Tanaka",
            now=at,
        )


def _acknowledge(at: datetime) -> None:
    for page in Page.objects.filter(incident=_incident(SEARCH), state=Page.State.OPEN):
        pages.acknowledge(page, by=Acting(_agent("lead")), now=at)


def _resolve(at: datetime) -> None:
    for page in Page.objects.filter(incident=_incident(SEARCH), state=Page.State.ACKNOWLEDGED):
        pages.resolve(page, by=Acting(_agent("lead")), now=at)


def _pin(at: datetime) -> None:
    incident = _incident(SEARCH)
    if incident:
        keep_pin(
            incident,
            channel="C0CRASH",
            ts=f"{int(at.timestamp())}.000100",
            author="Greta Novak",
            text=SAID,
            url="",
            said_at=at,
            pinned_by="Lena Okafor",
            now=at + 2 * MINUTE,
        )


def _write(at: datetime) -> None:
    """The RCA of the last bad one, with the timeline as the story tells it."""
    incident = _incident(SIGN_IN)
    if incident is None or not incident.is_over:
        return
    by = Acting(_agent("lead"))
    timeline = text_of(story_of(incident, readable=lambda event: True).of(HAPPENED))
    texts = {
        "summary": "For an hour and a half, organisations whose identity provider is an older Okta could not sign in.",
        "impact": "- 11 organisations, about 900 people\n- Passwords worked; four organisations do not allow them",
        "timeline": timeline,
        "causes": CAUSES,
    }
    rca, _ = writing.begin(incident, texts=texts, by=by, now=at)
    due = at.date() + timedelta(days=14)
    todos = [
        Todo(
            "Keep the old certificate with the new one for a week", owner=_agent("farid"), due_on=at.date(), done=True
        ),
        Todo("Try a new certificate with an older Okta in staging", owner=_agent("farid"), due_on=due),
        Todo(
            "Tell us when an organisation has no sign-in that works for ten minutes", owner=_agent("hiro"), due_on=due
        ),
    ]
    writing.save(rca, actions=todos, by=by, now=at + HOUR)
    url = f"{settings.BASE_URL}{reverse('incidents:rca', args=[incident.pk])}"
    writing.finish(rca, url=url, by=by, now=at + HOUR)


def _incident(title: str) -> Incident | None:
    return Incident.objects.filter(title=title).order_by("-pk").first()


def _agent(name: str) -> Agent:
    return Agent.objects.get(email=f"{name}@demo.example")
