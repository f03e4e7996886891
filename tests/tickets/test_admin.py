"""The ticket list and the ticket's page, as people use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.escalations.models import Check, Clock
from apps.people.models import Agent
from apps.tickets import services
from apps.tickets.listing import BoundedPaginator
from apps.tickets.models import Reply, Ticket
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db
LIST = "/admin/tickets/ticket/"


@pytest.fixture
def moment() -> datetime:
    """Pages read the real clock."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def someone() -> Agent:
    return make.agent("Ana")


@pytest.fixture
def client_of() -> Callable[..., Client]:
    def sign_in(agent: Agent, *rights: str) -> Client:
        for right in rights:
            app, codename = right.split(".")
            agent.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
        client = Client()
        client.force_login(Agent.objects.get(pk=agent.pk))
        return client

    return sign_in


@pytest.fixture
def page(client_of: Callable[..., Client], someone: Agent) -> Client:
    """Somebody who may see, add and change tickets."""
    return client_of(someone, "tickets.view_ticket", "tickets.add_ticket", "tickets.change_ticket")


def numbers(response: Any) -> list[str]:
    return [ticket.number for ticket in response.context["cl"].result_list]


def shown(ticket: Ticket) -> str:
    return reverse("admin:tickets_ticket_change", args=[ticket.pk])


def form_of(response: Any) -> dict[str, str]:
    """What the browser would send back: every field and its hidden first value."""
    form = response.context["adminform"].form
    data: dict[str, str] = {}
    for bound in form:
        value = bound.value()
        text = "" if value is None else str(getattr(value, "pk", value))
        data[bound.html_name] = data[bound.html_initial_name] = text
    return data


# --- the list


def test_the_list_says_how_each_promise_stands(page: Client, moment: datetime) -> None:
    make.policy()
    make.ticket("1", opened_at=moment - timedelta(minutes=20), now=moment)
    make.ticket("2", opened_at=moment - timedelta(minutes=80), now=moment)
    kept = make.ticket("3", opened_at=moment - timedelta(minutes=5), now=moment)
    services.record_reply(kept, author="agent", at=moment, now=moment)
    make.ticket("4", type="feedback", now=moment, opened_at=moment)

    text = page.get(LIST).content.decode()

    assert re.search(r"in (29|30) min</time>", text)
    assert "Breached" in text
    assert "30 min late" in text
    assert "Kept" in text
    assert "No promise" in text


def test_sorted_by_due_only_running_promises_are_shown_soonest_first(page: Client, moment: datetime) -> None:
    make.policy()
    for number, age in (("later", 1), ("soonest", 40), ("sooner", 20)):
        make.ticket(number, opened_at=moment - timedelta(minutes=age), now=moment)
    make.ticket("feedback", type="feedback", opened_at=moment, now=moment)

    assert numbers(page.get(LIST + "?o=7")) == ["soonest", "sooner", "later"]
    assert numbers(page.get(LIST + "?o=-7")) == ["later", "sooner", "soonest"]


@pytest.mark.parametrize(
    ("due", "found"),
    [("breached", ["60"]), ("15m", ["40"]), ("1h", ["40", "20", "1"]), ("4h", ["40", "20", "1"])],
)
def test_the_due_filter_counts_from_now(page: Client, moment: datetime, due: str, found: list[str]) -> None:
    make.policy()
    for age in (1, 20, 40, 60):
        make.ticket(str(age), opened_at=moment - timedelta(minutes=age), now=moment)

    assert numbers(page.get(f"{LIST}?due={due}")) == found


def test_the_policy_filter_shows_what_a_policy_governs_now(page: Client, moment: datetime) -> None:
    enterprise = make.policy(plans=(make.plan("enterprise"),), position=1)
    make.policy("Fallback", position=2)
    make.ticket("1", plan=make.plan("enterprise"), opened_at=moment, now=moment)
    make.ticket("2", opened_at=moment, now=moment)

    assert numbers(page.get(f"{LIST}?policy={enterprise.pk}")) == ["1"]


def test_the_plan_filter_knows_tickets_without_one(page: Client, moment: datetime) -> None:
    plan = make.plan("enterprise")
    make.ticket("1", plan=plan, opened_at=moment, now=moment)
    make.ticket("2", opened_at=moment, now=moment)

    assert numbers(page.get(f"{LIST}?plan={plan.pk}")) == ["1"]
    assert numbers(page.get(f"{LIST}?plan=-")) == ["2"]


@pytest.mark.parametrize("query", ["?due=soon", "?policy=x", "?plan=x", "?o=99", "?policy=" + "9" * 40, "?q=%00"])
def test_a_filter_nobody_offers_breaks_nothing(page: Client, query: str) -> None:
    assert page.get(LIST + query, follow=True).status_code == 200


@pytest.mark.parametrize("query", ["?due=zzz", "?policy=zzz", "?plan=zzz"])
def test_a_filter_says_what_it_does_not_know_and_leaves_nothing_out(page: Client, query: str, moment: datetime) -> None:
    make.ticket("1", opened_at=moment, now=moment)

    response = page.get(LIST + query)

    assert response.content.decode().count("“zzz” is no choice of the filter") == 1
    assert numbers(response) == ["1"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("47", ["47"]),
        ("#47", ["47"]),
        ("471", ["4712", "4711"]),
        ("logi", ["4711"]),
        ("login page", ["4711"]),
        ("page login", ["4711"]),
        ("acme", ["4712"]),
        ("nothing", []),
        ("'; drop | & ! ( :*", []),
    ],
)
def test_search_finds_the_number_first_and_then_words(
    page: Client, moment: datetime, words: str, found: list[str]
) -> None:
    make.ticket("47", opened_at=moment - timedelta(minutes=3), now=moment)
    make.ticket("4711", subject="The login page is blank", opened_at=moment - timedelta(minutes=2), now=moment)
    make.ticket("4712", customer=make.customer(), opened_at=moment - timedelta(minutes=1), now=moment)

    assert numbers(page.get(LIST, {"q": words})) == found


def test_the_list_costs_the_same_however_many_rows_it_has(page: Client, moment: datetime) -> None:
    make.policy()
    make.ticket("1", opened_at=moment, now=moment, customer=make.customer())
    page.get(LIST)
    with CaptureQueriesContext(connection) as few:
        page.get(LIST)
    for number in range(2, 30):
        make.ticket(str(number), opened_at=moment, now=moment)

    with CaptureQueriesContext(connection) as many:
        page.get(LIST)

    assert len(many) == len(few)
    assert len(many) <= 12


class ToTwo(BoundedPaginator):
    most = 2


def test_a_long_list_is_counted_to_a_bound(moment: datetime) -> None:
    for number in range(4):
        make.ticket(str(number), opened_at=moment, now=moment)

    counted = ToTwo(Ticket.objects.all(), 50).count

    assert counted == 2
    assert str(counted) == "more than 2"


# --- the page


def test_the_page_tells_what_happens_next_and_to_whom(page: Client, someone: Agent, moment: datetime) -> None:
    make.policy()
    make.shift(someone, start=moment - timedelta(hours=1))
    ticket = make.ticket("1", opened_at=moment, now=moment)

    text = page.get(shown(ticket)).content.decode()

    assert "Tier 1: Support on shift, not embedded" in text
    assert "Ana" in text
    assert re.search(r"in (9|10) min</time>", text)


def test_what_happens_next_is_above_the_story(page: Client, moment: datetime) -> None:
    ticket = make.ticket(opened_at=moment, now=moment)

    seen = page.get(shown(ticket)).content.decode()

    assert seen.index('id="ahead"') < seen.index('id="story"')


def test_the_page_says_when_nobody_would_hear(page: Client, moment: datetime) -> None:
    make.policy(minutes=(10,), audiences=({"audience_kind": "on_shift"},))
    ticket = make.ticket("1", opened_at=moment, now=moment)

    text = page.get(shown(ticket)).content.decode()

    assert "Nobody</span>" in text
    assert "there is nobody above" in text


def test_the_story_has_a_permanent_link_for_each_entry_and_turns_around(page: Client, moment: datetime) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)
    positions = list(
        StoredEvent.objects.filter(links__stream="ticket:1").order_by("position").values_list("position", flat=True)
    )

    newest = page.get(shown(ticket)).content.decode()
    oldest = page.get(shown(ticket) + "?story=oldest").content.decode()

    assert re.findall(r'data-copy="/trail/(\d+)/"', newest) == [str(p) for p in reversed(positions)]
    assert re.findall(r'data-copy="/trail/(\d+)/"', oldest) == [str(p) for p in positions]
    assert f'id="event-{positions[0]}"' in newest


def test_what_happens_next_says_until_when_in_the_viewers_zone(page: Client, moment: datetime) -> None:
    make.policy()
    make.shift(make.agent("Ben"), start=moment - timedelta(hours=1))
    page.cookies["time_zone"] = "Asia/Tokyo"

    text = page.get(shown(make.ticket(opened_at=moment))).content.decode()

    assert re.search(r"is on shift \(support\) until <time [^>]*>[^<]* JST</time>", text)


def test_the_page_costs_the_same_however_long_the_story(page: Client, moment: datetime) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment - timedelta(minutes=30), now=moment)
    page.get(shown(ticket))
    with CaptureQueriesContext(connection) as short:
        page.get(shown(ticket))
    for minute in range(20):
        services.record_reply(ticket, author="customer", at=moment - timedelta(minutes=minute), now=moment)

    with CaptureQueriesContext(connection) as long:
        page.get(shown(ticket))

    assert len(long) == len(short)


def test_a_subject_cannot_smuggle_in_html(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", subject="<script>alert(1)</script>", opened_at=moment, now=moment)

    for address in (LIST, shown(ticket), "/admin/", "/home/fragment/"):
        assert "<script>alert(1)" not in page.get(address).content.decode()


def test_an_address_that_is_no_web_address_is_not_linked(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", url="javascript:alert(1)", opened_at=moment, now=moment)

    assert 'href="javascript:alert(1)"' not in page.get(shown(ticket)).content.decode()


# --- saving


def added(**more: str) -> dict[str, str]:
    now = timezone.localtime()
    fields = {
        "number": "4711",
        "subject": "Help",
        "customer": "",
        "plan": "",
        "severity": "high",
        "type": "problem",
        "opened_at_0": f"{now:%Y-%m-%d}",
        "opened_at_1": f"{now:%H:%M:%S}",
        "channel": "",
        "thread_ts": "",
        "url": "",
    }
    return {**fields, **more}


def test_a_ticket_opened_by_hand_gets_its_promise(page: Client) -> None:
    make.policy()

    response = page.post(LIST + "add/", added())

    ticket = Ticket.objects.get(number="4711")
    assert response.status_code == 302
    assert (ticket.origin, ticket.severity, ticket.subject) == ("web", "high", "Help")
    assert ticket.clocks.get().state == Clock.State.RUNNING
    assert list(StoredEvent.objects.order_by("position").values_list("type", flat=True)) == [
        "TicketOpened",
        "ClockStarted",
    ]


def test_the_same_number_again_leads_to_the_ticket_that_is_there(page: Client, moment: datetime) -> None:
    ticket = make.ticket("4711", subject="First", opened_at=moment, now=moment)

    response = page.post(LIST + "add/", added(subject="Second"))

    assert f'<a href="{shown(ticket)}">Ticket 4711</a> is known already' in response.content.decode()
    assert Ticket.objects.get().subject == "First"


def test_a_ticket_from_the_future_is_refused_beside_the_field(page: Client) -> None:
    tomorrow = timezone.localtime() + timedelta(days=1)

    response = page.post(LIST + "add/", added(opened_at_0=f"{tomorrow:%Y-%m-%d}"))

    assert "cannot have been opened in the future" in response.content.decode()
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_ticket_of_a_year_nobody_meant_is_refused_beside_the_field(
    page: Client, someone: Agent, zone: str, day: str
) -> None:
    Agent.objects.filter(pk=someone.pk).update(time_zone=zone)

    response = page.post(LIST + "add/", added(opened_at_0=day, opened_at_1="00:00:00", really_then="on"))

    errors = response.context["adminform"].form.errors
    assert errors["opened_at"] == [f"The year {int(day[:4])} is a slip of the finger."]


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_reply_in_a_year_nobody_meant_is_refused(page: Client, moment: datetime, at: str) -> None:
    ticket = make.ticket(opened_at=moment, now=moment)

    response = page.post(f"{LIST}{ticket.pk}/reply/", {"_form_submitted": "on", "author": "agent", "at": at})

    assert response.status_code in (200, 302)
    assert not Reply.objects.exists()


def test_an_edit_goes_through_the_service_as_one_event(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)
    data = form_of(page.get(shown(ticket))) | {"subject": "Better"}

    response = page.post(shown(ticket), data)

    ticket.refresh_from_db()
    changed = StoredEvent.objects.order_by("position").last()
    assert response.status_code == 302
    assert ticket.subject == "Better"
    assert changed is not None
    assert (changed.type, changed.payload["changes"]) == ("TicketChanged", {"subject": ["", "Better"]})


def test_two_people_editing_keep_what_each_of_them_changed(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)
    opened_first = form_of(page.get(shown(ticket)))
    services.change_ticket(ticket, {"severity": "urgent"}, now=moment)

    page.post(shown(ticket), opened_first | {"subject": "Better"})

    ticket.refresh_from_db()
    assert (ticket.subject, ticket.severity) == ("Better", "urgent")


def test_a_status_cannot_be_edited(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)
    data = form_of(page.get(shown(ticket))) | {"status": "closed", "first_response_at": "2020-01-01"}

    page.post(shown(ticket), data)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.first_response_at) == ("new", None)


# --- acting


def test_a_recorded_reply_keeps_the_promise(page: Client, moment: datetime) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)

    page.post(f"{LIST}{ticket.pk}/reply/", {"_form_submitted": "on", "author": "agent", "at": ""})

    assert ticket.clocks.get().state == Clock.State.MET
    assert Reply.objects.get().author == "agent"


def test_a_reply_typed_to_the_minute_the_ticket_was_opened_in_still_counts(page: Client, moment: datetime) -> None:
    make.policy()
    opened_at = moment.replace(second=30) - timedelta(minutes=5)
    ticket = make.ticket("1", opened_at=opened_at, now=moment)
    typed = timezone.localtime(opened_at).strftime("%Y-%m-%dT%H:%M")

    page.post(f"{LIST}{ticket.pk}/reply/", {"_form_submitted": "on", "author": "agent", "at": typed})

    assert ticket.clocks.get().state == Clock.State.MET


def test_a_snooze_moves_the_checks_and_says_the_new_time(page: Client, moment: datetime) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)

    response = page.post(f"{LIST}{ticket.pk}/snooze/", {"_form_submitted": "on", "by": "30 min"}, follow=True)

    first = Check.objects.order_by("tier")[0]
    assert first.due_at == moment + timedelta(minutes=40)
    assert "Snoozed for 30 min: the next check" in response.content.decode()


@pytest.mark.parametrize("by", ["", "soon", "30", "2 days", "1 s"])
def test_a_snooze_that_makes_no_sense_is_refused_in_the_dialog(page: Client, moment: datetime, by: str) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)

    response = page.post(f"{LIST}{ticket.pk}/snooze/", {"_form_submitted": "on", "by": by})

    assert response.status_code == 200
    assert response.context["form"].errors["by"]
    assert ticket.clocks.get().snoozed == timedelta(0)


def test_a_refusal_of_the_engine_is_a_message(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)

    response = page.post(f"{LIST}{ticket.pk}/snooze/", {"_form_submitted": "on", "by": "30 min"}, follow=True)

    assert "there is nothing to snooze" in response.content.decode()


def test_looking_at_an_action_changes_nothing(page: Client, moment: datetime) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)
    before = StoredEvent.objects.count()

    for verb in ("reply", "snooze", "end"):
        assert page.get(f"{LIST}{ticket.pk}/{verb}/").status_code == 200

    assert StoredEvent.objects.count() == before


@pytest.mark.parametrize("to", ["solved", "closed"])
def test_ending_a_ticket_cancels_its_promise(page: Client, moment: datetime, to: str) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)

    page.post(f"{LIST}{ticket.pk}/end/", {"_form_submitted": "on", "to": to})

    ticket.refresh_from_db()
    assert (ticket.status, ticket.clocks.get().state) == (to, Clock.State.CANCELLED)


def test_a_dialog_sends_its_script_back_to_where_it_was_opened(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)

    response = page.post(
        f"{LIST}{ticket.pk}/end/",
        {"_form_submitted": "on", "to": "solved"},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/tickets/ticket/?due=1h"},
    )

    assert response.headers["HX-Redirect"] == "http://testserver/admin/tickets/ticket/?due=1h"


def test_a_bulk_action_asks_before_it_does_anything(page: Client, moment: datetime) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)
    chosen = {"action": "close_all", "_selected_action": [str(ticket.pk)]}

    asked = page.post(LIST, chosen)
    ticket.refresh_from_db()
    before = ticket.status
    page.post(LIST, chosen | {"confirmed": "1"})
    ticket.refresh_from_db()

    assert "Mark as closed: 1 ticket?" in asked.content.decode()
    assert (before, ticket.status) == ("new", "closed")


def test_one_that_refuses_does_not_hold_up_the_others(page: Client, moment: datetime) -> None:
    make.policy()
    running = make.ticket("1", opened_at=moment, now=moment)
    without = make.ticket("2", type="feedback", opened_at=moment, now=moment)
    chosen = {"action": "snooze_all", "_selected_action": [str(running.pk), str(without.pk)], "confirmed": "1"}

    text = page.post(LIST, chosen, follow=True).content.decode()

    assert "done for 1 of 2" in text
    assert "No promise is running for Ticket 2" in text
    assert running.clocks.get().snoozed == timedelta(minutes=30)


# --- who may


def test_whoever_only_sees_tickets_can_do_nothing_to_them(client_of: Callable[..., Client], moment: datetime) -> None:
    make.policy()
    ticket = make.ticket("1", opened_at=moment, now=moment)
    auditor = client_of(make.agent("Aud"), "tickets.view_ticket")

    seen = auditor.get(shown(ticket)).content.decode()
    statuses = [
        auditor.post(f"{LIST}{ticket.pk}/{verb}/", {"_form_submitted": "on", "by": "1 h", "to": "closed"}).status_code
        for verb in ("reply", "snooze", "end")
    ]
    auditor.post(LIST, {"action": "close_all", "_selected_action": [str(ticket.pk)], "confirmed": "1"})
    ticket.refresh_from_db()

    assert "Record a reply" not in seen
    assert statuses == [403, 403, 403]
    assert ticket.status == "new"


def test_whoever_may_not_see_tickets_gets_neither_list_nor_page(
    client_of: Callable[..., Client], moment: datetime
) -> None:
    ticket = make.ticket("1", opened_at=moment, now=moment)
    stranger = client_of(make.agent("Sam"))

    assert stranger.get(LIST).status_code == 403
    assert stranger.get(shown(ticket)).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("number", "50/03 <b>", "letters, digits and - _ ."),
        ("number", "9" * 65, "at most 64"),
        ("channel", "general", "channel&#x27;s id starts with C, G or D"),
        ("thread_ts", "yesterday", "digits around a point"),
        ("thread_ts", "1773824400.000100", "Say in which channel the thread is"),
    ],
)
def test_what_a_ticket_cannot_have_is_refused_beside_the_field(page: Client, field: str, value: str, says: str) -> None:
    text = page.post(LIST + "add/", added(**{field: value})).content.decode()

    assert says in text
    assert not Ticket.objects.exists()


def test_a_number_that_is_too_long_is_not_cut_by_the_browser(page: Client) -> None:
    form = page.get(LIST + "add/").context["adminform"].form

    assert "maxlength" not in form.fields["number"].widget.attrs


def test_a_ticket_of_long_ago_asks_once_more_and_keeps_what_was_typed(page: Client) -> None:
    old = timezone.localtime() - timedelta(days=31)
    typed = added(opened_at_0=f"{old:%Y-%m-%d}")

    asked = page.post(LIST + "add/", typed)
    before = Ticket.objects.count()
    page.post(LIST + "add/", {**typed, "really_then": "on"})

    text = asked.content.decode()
    assert "its tiers speak at once" in text
    assert 'value="Help"' in text
    assert before == 0
    assert Ticket.objects.get().opened_at.date() == old.astimezone(Ticket.objects.get().opened_at.tzinfo).date()


def test_a_ticket_of_today_is_not_asked_about(page: Client) -> None:
    assert "its tiers speak at once" not in page.get(LIST + "add/").content.decode()
