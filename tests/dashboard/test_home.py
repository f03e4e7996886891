"""The home page: at a glance, for whoever looks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import uuid_utils.compat as uuids
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.dashboard import health, selectors
from apps.dashboard.open_pages import open_pages
from apps.escalations.holding import beat
from apps.integrations.slack.following import NOBODY
from apps.integrations.slack.models import Followed
from apps.notices import lanes
from apps.notices.models import Notice
from apps.pages import services as pages
from apps.people.models import Agent, Team
from apps.tickets import services as tickets
from tests import make
from tests.pages.duty import empty_set, sweep, the_set

pytestmark = pytest.mark.django_db
RIGHTS = ("tickets.view_ticket", "rotations.view_shift", "notices.view_notice")
MINUTE = timedelta(minutes=1)


def viewer(*rights: str) -> Agent:
    agent = make.agent("Viewer")
    for right in rights:
        app, codename = right.split(".")
        agent.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return Agent.objects.get(pk=agent.pk)


@pytest.fixture
def page() -> Client:
    client = Client()
    client.force_login(viewer(*RIGHTS))
    return client


def notice(now: datetime, **fields: Any) -> Notice:
    usual: dict[str, Any] = {
        "event_id": uuids.uuid7(),
        "recipient": "C1/1.1",
        "about": "ticket:1",
        "summary": "Tier 1 of ticket 1",
        "channel": "C1",
        "text": "Tier 1",
        "correlation_id": uuids.uuid7(),
        "created_at": now,
        "ready_at": now,
    }
    return Notice.objects.create(**{**usual, **fields})


def test_what_breaches_next_comes_first_and_what_is_breached_is_apart(now: datetime) -> None:
    make.policy()
    for age in (10, 40, 60):
        make.ticket(str(age), opened_at=now - age * MINUTE, now=now)

    seen = selectors.promises(now=now)

    assert [clock.ticket.number for clock in seen.next if clock.ticket] == ["40", "10"]
    assert [clock.ticket.number for clock in seen.breached if clock.ticket] == ["60"]
    assert (seen.soon_count, seen.breached_count) == (1, 1)


def test_a_promise_due_at_this_instant_is_breached(now: datetime) -> None:
    make.policy(within=50)
    make.ticket("1", opened_at=now - 50 * MINUTE, now=now)

    seen = selectors.promises(now=now)

    assert (len(seen.next), seen.breached_count) == (0, 1)


def test_somebody_embedded_is_not_on_support(now: datetime) -> None:
    ana, ben = make.agent("Ana"), make.agent("Ben")
    make.shift(ana, start=now)
    make.shift(ben, start=now)
    make.shift(ben, kind="embedded", product="Boards", start=now)

    seen = selectors.shifts({}, now=now)

    assert [shift.agent for shift in seen.support] == [ana]
    assert [shift.agent for shift in seen.embedded] == [ben]


def test_somebody_whose_shifts_overlap_has_one_line_until_the_last_of_them_ends(now: datetime) -> None:
    ana, ben = make.agent("Ana"), make.agent("Ben")
    make.shift(ana, start=now, hours=4)
    make.shift(ana, start=now - 60 * MINUTE, hours=3)
    make.shift(ben, start=now, hours=3)
    make.shift(ben, kind="embedded", product="Boards", start=now, hours=2)

    seen = selectors.shifts({}, now=now)

    assert [(line.agent, line.doing, line.ends_at) for line in seen.support] == [
        (ana, "support", now + timedelta(hours=4))
    ]
    assert [(line.agent, line.doing, line.ends_at) for line in seen.embedded] == [
        (ben, "embedded in Boards, support", now + timedelta(hours=3))
    ]


def test_the_page_says_who_comes_when_nobody_is_there(page: Client) -> None:
    make.shift(make.agent("Ana"), start=timezone.now() + 30 * MINUTE)

    assert "Ana comes" in page.get("/admin/").content.decode()


def test_an_empty_portal_says_what_to_do_next(page: Client) -> None:
    text = page.get("/admin/").content.decode()

    assert "No ticket has come yet." in text
    assert "SLACK_BOT_TOKEN" in text


def test_the_demo_leads_to_the_preview(page: Client, settings: Any) -> None:
    settings.DEMO = True

    assert 'href="/preview/"' in page.get("/home/fragment/").content.decode()


def test_the_fragment_is_the_page_without_its_frame(page: Client) -> None:
    text = page.get("/home/fragment/").content.decode()

    assert "Is everything well?" in text
    assert "<html" not in text
    assert 'data-refresh="/home/fragment/"' in page.get("/admin/").content.decode()


def test_one_sees_only_what_one_may(now: datetime) -> None:
    make.policy()
    make.ticket("4711", subject="A secret", opened_at=now, now=now)
    notice(now, state=Notice.State.FAILED, error="channel_not_found")
    client = Client()
    client.force_login(viewer())

    text = client.get("/admin/").content.decode()

    assert "A secret" not in text
    assert "On shift" not in text
    assert "To be sent" not in text
    assert "Is everything well?" in text


def test_a_visitor_gets_no_fragment() -> None:
    assert Client().get("/home/fragment/").status_code == 302


def test_what_waits_and_what_failed_is_counted(page: Client, now: datetime) -> None:
    notice(now)
    notice(now, state=Notice.State.UNSURE)
    notice(now, state=Notice.State.SENT)
    notice(now, state=Notice.State.FAILED, summary="Tier 3 of ticket 9", error="not_in_channel")

    box = selectors.outbox()
    text = page.get("/admin/").content.decode()

    assert (box.waiting, box.failed) == (2, 1)
    assert "Tier 3 of ticket 9 (not_in_channel)" in text


def test_the_page_costs_the_same_however_much_is_going_on(page: Client) -> None:
    moment = timezone.now()
    make.policy()

    def fill(numbers: range) -> None:
        for number in numbers:
            make.ticket(str(number), opened_at=moment - number * MINUTE, now=moment)
            make.shift(make.agent(f"Agent{number}"), start=moment - MINUTE)
            notice(moment)

    fill(range(58, 60))
    page.get("/admin/")
    with CaptureQueriesContext(connection) as few:
        page.get("/admin/")
    fill(range(40, 58))

    with CaptureQueriesContext(connection) as many:
        page.get("/admin/")

    assert len(many) == len(few)


# --- health


def test_a_worker_is_well_while_its_last_sign_is_no_older_than_two_minutes(now: datetime) -> None:
    assert health.worker(now - 2 * MINUTE, now=now).state == health.WELL
    assert health.worker(now - 2 * MINUTE - timedelta(seconds=1), now=now).state == health.ILL
    assert health.worker(None, now=now).do


def test_the_page_names_the_worker_that_beats(page: Client) -> None:
    beat("worker", now=timezone.now())

    assert 'data-part="Worker" data-state="well"' in page.get("/admin/").content.decode()


def test_slack_without_a_token_pretends_nothing(now: datetime, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN = ""
    notice(now)

    slack = selectors.parts(selectors.outbox(), sees_outbox=True, now=now)[1]

    assert slack.state == health.OFF
    assert "1 message kept until then" in slack.says


def test_a_failed_message_says_what_to_do(now: datetime, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN = "xoxb-1"
    notice(now, state=Notice.State.FAILED)

    slack = selectors.parts(selectors.outbox(), sees_outbox=True, now=now)[1]

    assert slack.state == health.ILL
    assert slack.link == "/admin/notices/notice/?state__exact=failed"


def test_a_help_desk_that_fails_says_since_when(now: datetime) -> None:
    part = health.help_desk(kind="zendesk", failing_since=now, answered_at=None, error="Too slow.")

    assert (part.state, part.since) == (health.ILL, now)
    assert part.says == "Too slow. Unknown since"


def test_a_help_desk_that_is_half_set_up_needs_somebody(now: datetime, settings: Any) -> None:
    settings.HELPDESK, settings.HELPDESK_URL, settings.HELPDESK_TOKEN = "zendesk", "https://desk.example.com", "t0ken"

    desk = selectors.parts(selectors.outbox(), sees_outbox=True, now=now)[2]

    assert desk.state == health.ILL
    assert "HELPDESK_USER:" in desk.do
    assert "t0ken" not in desk.do


def test_how_another_help_desk_was_is_no_news_of_this_one(now: datetime, settings: Any) -> None:
    settings.HELPDESK, settings.HELPDESK_URL, settings.HELPDESK_TOKEN = "freshdesk", "https://desk.example.com", "t0ken"
    tickets.source_answered("Zendesk", now=now - timedelta(days=1))
    tickets.source_failed("Freshdesk", "Too slow.", now=now)

    desk = selectors.parts(selectors.outbox(), sees_outbox=True, now=now)[2]

    assert (desk.says, desk.state, desk.since) == ("Too slow. Unknown since", health.ILL, now)


@pytest.mark.parametrize("kind", ["generic", "zendesk"])
def test_a_help_desk_nobody_has_asked_is_not_called_well(kind: str) -> None:
    part = health.help_desk(kind=kind, failing_since=None, answered_at=None, error="")

    assert (part.name, part.word, part.style) == ("Help desk", "Not asked yet", "")


def test_the_sign_in_page_offers_no_other_site(db: None) -> None:
    assert "Return to site" not in Client().get("/admin/login/").content.decode()


def test_slack_that_cannot_be_reached_for_a_minute_needs_somebody(settings: Any, now: datetime) -> None:
    settings.SLACK_BOT_TOKEN = "xoxb-x"
    notice(now)
    lanes.cut_off(now=now)

    at_once, later = (
        selectors.parts(selectors.outbox(), sees_outbox=True, now=then)[1] for then in (now, now + MINUTE)
    )

    assert (at_once.state, at_once.since) == (health.WELL, now)
    assert (later.state, later.since) == (health.ILL, now)
    assert later.says == "1 message waiting. Slack has not been reachable since"


def test_slack_that_gives_no_clear_answer_for_a_minute_needs_somebody(settings: Any, now: datetime) -> None:
    settings.SLACK_BOT_TOKEN = "xoxb-x"
    notice(now, state="unsure", claimed_at=now)

    at_once, later = (
        selectors.parts(selectors.outbox(), sees_outbox=True, now=then)[1] for then in (now, now + MINUTE)
    )

    assert at_once.state == health.WELL
    assert (later.state, later.since) == (health.ILL, now)


def test_who_is_on_duty_is_shown_by_rotation_and_a_support_teams_people_are_on_shift(now: datetime) -> None:
    ana, ben = make.agent("Ana"), make.agent("Ben")
    support = make.team("support", kind="support")
    emea = make.rotation(make.layer(ana), slug="emea", team_of=support, roles=("primary", "lead"), now=now)
    make.rotation(make.layer(ben), slug="set", now=now)
    boss = make.agent("Boss", is_superuser=True)

    seen = selectors.glance(boss, now=now)

    assert [(line.agent, line.doing) for line in seen["shifts"].support] == [(ana, "primary in EMEA")]
    assert [rotation.name for rotation, _ in seen["duties"]] == ["EMEA", "SET"]
    assert [current.names for current in dict(seen["duties"])[emea]] == [("Ana",), ()]


def test_a_group_that_has_not_followed_for_long_stands_among_what_is_not_well(now: datetime, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN = "xoxb-standin"
    Followed.objects.create(place="C0SET", kind="topic", sent_at=now)
    group = Followed.objects.create(
        place="S0SET", kind="group", error="Slack has no such user group.", failing_since=now
    )

    [young] = selectors.duty_in_slack(sees_rotations=True, now=now + MINUTE)
    [old] = selectors.duty_in_slack(sees_rotations=True, now=now + 15 * MINUTE)
    Followed.objects.filter(pk=group.pk).update(error=NOBODY)
    [weekend] = selectors.duty_in_slack(sees_rotations=True, now=now + timedelta(days=2))

    assert (young.state, weekend.state) == (health.WELL, health.WELL)
    assert (old.state, old.since) == (health.ILL, now)
    assert "S0SET does not show who is on duty. Slack has no such user group." in old.says


def test_a_channel_of_incidents_that_cannot_be_told_stands_there_as_well(now: datetime, settings: Any) -> None:
    settings.SLACK_BOT_TOKEN, settings.INCIDENTS_CHANNEL = "xoxb-standin", "crash"
    [unknown] = selectors.incidents_in_slack(now=now)
    make.channel("C0CRASH", "crash")
    [well] = selectors.incidents_in_slack(now=now)
    Followed.objects.create(place="C0CRASH", kind="topic", error="The bot is not in it.", failing_since=now)

    [ill] = selectors.incidents_in_slack(now=now + 15 * MINUTE)

    assert [part.state for part in (unknown, well, ill)] == [health.ILL, health.WELL, health.ILL]
    assert "“crash”" in unknown.says
    assert "The topic of #crash is not set. The bot is not in it." in ill.says
    assert not selectors.duty_in_slack(sees_rotations=True, now=now)


def test_pages_that_need_somebody_come_first_with_who_is_asked_next() -> None:
    now = timezone.now()
    people = the_set()
    team = Team.objects.get(slug="set")
    taken = make.page("The mail queue grows", to=team, now=now - 9 * MINUTE)
    pages.acknowledge(taken, by=pages.Acting(people["backup"]), now=now)
    make.page("The nightly build is red", to=team, urgency="low", now=now - 8 * MINUTE)
    make.page("The login is down", to=team, now=now - 5 * MINUTE)
    sweep(now)

    found = open_pages(now=now)
    client = Client()
    client.force_login(viewer("pages.view_page", "tickets.view_ticket"))
    text = client.get("/admin/").content.decode()

    assert [each.page.title for each in found.shown] == [
        "The login is down", "The nightly build is red", "The mail queue grows",
    ]  # fmt: skip
    assert [each.whose for each in found.shown] == ["Ana was told", "Ana was told", "Ben has it"]
    following = found.shown[0].next
    assert following is not None
    assert (following.role, [person.name for person in following.people]) == ("backup", ["Ben"])
    assert [each.next for each in found.shown[1:]] == [None, None]
    assert (found.open_count, found.taken_count) == (2, 1)
    assert text.index("The login is down") < text.index("The mail queue grows")
    assert "Nobody further is told" in text


def test_of_a_page_that_nobody_was_on_for_home_says_that_the_channel_was_told() -> None:
    now = timezone.now()
    make.page("The login is down", to=empty_set(), now=now)
    sweep(now)

    [shown] = open_pages(now=now).shown

    assert shown.whose == "Nobody is on, so the team's channel was told"
