"""Every object's own page tells its story, and an agent's what they did."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Agent, Team
from apps.trail import services as trail
from apps.trail.context import Actor, acting
from apps.trail.managed import stream_of
from apps.trail.stories import MOST
from supportops import roles
from tests import make
from tests.trail.test_pages import signed_in

pytestmark = pytest.mark.django_db

OBJECTS: dict[str, Callable[[], Model]] = {
    "people_customer": make.customer,
    "people_agent": lambda: make.agent("Somebody"),
    "people_team": lambda: Team.objects.create(slug="set", name="SET"),
    "people_plan": make.plan,
    "sla_policy": make.policy,
    "rotations_shift": lambda: make.shift(make.agent("Shifted")),
    "slack_watchedchannel": lambda: WatchedChannel.objects.create(channel=make.channel()),
}


def page_of(obj: Any) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def as_role(role: str, now: datetime) -> Client:
    roles.sync(now)
    who = make.agent("Viewer")
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


@pytest.mark.parametrize("kind", OBJECTS)
def test_an_objects_page_tells_its_story_and_leads_to_the_whole(now: datetime, kind: str) -> None:
    obj = OBJECTS[kind]()
    trail.publish("LettersPainted", about=[stream_of(obj)], now=now)
    trail.publish("WallsPainted", about=["somewhere:else"], now=now)
    client = as_role("Auditor", now)

    page = client.get(page_of(obj)).content.decode()

    assert "Letters painted" in page
    assert "Walls painted" not in page
    [whole] = re.findall(r'href="(/trail/\?(?:stream|customer)=[^"]+)">(?:The whole story|On the trail)', page)
    assert "Letters painted" in client.get(unescape(whole)).content.decode()


def test_a_tickets_page_has_one_story(now: datetime) -> None:
    page = as_role("Auditor", now).get(page_of(make.ticket("4711"))).content.decode()

    assert page.count("data-story") == 1


def test_an_agents_page_says_what_they_did(now: datetime) -> None:
    ana = make.agent("Ana")
    for actor in (Actor("user", str(ana.pk), "Ana"), Actor("slack", "UANA", "Ana")):
        with acting(actor=actor):
            trail.publish("BellRung", about=["bell:1"], now=now)
    client = as_role("Auditor", now)

    stories = {story.title: story for story in client.get(page_of(ana)).context["stories"]}

    assert [event.type for event in stories["What they did"].events] == ["BellRung", "BellRung"]
    assert len(client.get(f"/trail/?{stories['What they did'].whole}").context["found"].events) == 2


def test_a_story_shows_the_newest_and_costs_no_query_an_entry(now: datetime) -> None:
    customer = make.customer()
    client = as_role("Auditor", now)
    client.get(page_of(customer))
    trail.publish("BellRung", about=[customer.stream], now=now)
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(customer))
    last = [trail.publish("BellRung", about=[customer.stream], now=now) for _ in range(2 * MOST)][-1]

    with CaptureQueriesContext(connection) as many:
        [story] = client.get(page_of(customer)).context["stories"]

    assert len(many) == len(few)
    assert (len(story.events), story.is_cut, story.events[0].position) == (MOST, True, last.position)


def test_without_the_right_to_the_trail_a_customers_page_tells_nothing(now: datetime) -> None:
    customer = make.customer()
    trail.publish("LettersPainted", about=[customer.stream], now=now)

    response = signed_in("people.view_customer").get(page_of(customer))

    assert response.status_code == 200
    assert "Letters painted" not in response.content.decode()


def test_a_form_for_something_new_has_no_story(now: datetime) -> None:
    client = Client()
    client.force_login(Agent.objects.create_superuser("root@example.com"))

    assert "data-story" not in client.get(reverse("admin:people_team_add")).content.decode()


@pytest.mark.parametrize(("role", "told"), [("Agent", True), ("Engineer", False)])
def test_a_tickets_story_names_a_cause_to_those_who_may_read_it(now: datetime, role: str, told: bool) -> None:
    session = trail.publish("ConsoleWasUsed", {"host": "db1"}, ["console"], now=now)
    with acting(cause=session.id):
        ticket = make.ticket("4711")

    page = as_role(role, now).get(page_of(ticket)).content.decode()

    assert "Ticket 4711 (normal question) was opened" in page
    assert (f'href="/trail/{session.position}/"' in page) == told
