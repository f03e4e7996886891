"""Policies for requests for help: what they may promise, their form, their effect, and who would hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from apps.escalations.models import Clock
from apps.sla.drafts import spec_of
from apps.sla.models import Policy
from apps.sla.services import problems, save_policy
from apps.sla.specs import PolicySpec, PromiseSpec, TierSpec
from apps.sla.wording import governs, ladder, promises
from supportops import roles, shipped
from tests import make

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADD = "/admin/sla/policy/add/?applies_to=rfh"
PRIMARY = TierSpec(after=HOUR, kind="rotation", role="primary")


def spec(*tiers: TierSpec, kind: str = "first_answer", **fields: Any) -> PolicySpec:
    promise = PromiseSpec(kind=kind, within=4 * HOUR, tiers=tiers or (PRIMARY,))
    return PolicySpec(**{"name": "SET", "applies_to": "rfh", "promises": (promise,), **fields})


@pytest.fixture
def manager(now: datetime) -> Client:
    roles.sync(now)
    who = make.agent("Mia")
    who.groups.set([Group.objects.get(name=roles.MANAGER)])
    client = Client()
    client.force_login(who)
    return client


def typed(*tiers: tuple[str, str, dict[str, str]], **fields: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "name": "SET",
        "enabled": "on",
        "position": "",
        "tiers-TOTAL_FORMS": str(len(tiers)),
        "tiers-INITIAL_FORMS": "0",
        "tiers-MIN_NUM_FORMS": "0",
        "tiers-MAX_NUM_FORMS": "1000",
        "_save": "1",
        **fields,
    }
    for index, (promise, after, whom) in enumerate(tiers):
        row = {"position": str(index + 1), "promise": promise, "after": after, **whom}
        form.update({f"tiers-{index}-{name}": value for name, value in row.items()})
    return form


LEAD = {"audience_kind": "rotation", "role": "lead"}
OWNER = {"audience_kind": "owner"}


def test_one_policy_promises_several_things_and_is_told_in_words(now: datetime) -> None:
    made = save_policy(
        None,
        spec(
            teams=(make.team("set").slug,),
            priorities=("p1",),
            promises=(
                PromiseSpec("acknowledgement", HOUR, (replace(PRIMARY, after=timedelta(0)),)),
                PromiseSpec("update", 24 * HOUR, (TierSpec(after=20 * HOUR, kind="owner"),)),
            ),
        ),
        now=now,
    )

    assert governs(made) == "requests to Set; P1"
    assert promises(made) == "acknowledgement within 1 h; update every 1 day"
    assert ladder(made) == ["acknowledgement: at once → primary", "update: 20 h → the owner"]
    assert problems(spec_of(made), made) == {}


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (spec(kind="first_response"), "promises.0.kind"),
        (spec(severities=("urgent",)), "applies_to"),
        (spec(channels=("C100",)), "applies_to"),
        (spec(priorities=("p3",)), "priorities"),
        (spec(replace(PRIMARY, after=timedelta(0))), "promises.0.tiers.0.after"),
        (spec(kind="first_response", applies_to="ticket", priorities=("p1",)), "priorities"),
        (
            spec(TierSpec(after=HOUR, kind="owner"), kind="first_response", applies_to="ticket"),
            "promises.0.tiers.0.kind",
        ),
        (spec(kind="update", applies_to="page"), "promises.0.kind"),
    ],
)
def test_what_a_request_does_not_have_is_refused_at_its_place(asked: PolicySpec, path: str) -> None:
    assert path in problems(asked)


def test_the_form_of_a_new_one_begins_with_the_usual(manager: Client) -> None:
    shown = manager.get(f"{ADD}&priority=p1").content.decode()

    assert 'name="acknowledged_within" value="1 h"' in shown
    assert shown.count('name="tiers-10-after"') == 1
    assert "The owner of the request" in shown
    assert 'name="severities"' not in shown


def test_a_manager_makes_one_in_the_admin(manager: Client) -> None:
    rows = (("update", "1 day", LEAD), ("first_answer", "3 h", OWNER), ("update", "20 h", OWNER))

    response = manager.post(
        ADD, typed(*reversed(rows), answered_within="4 h", updated_every="1 day", priorities=["p2"])
    )

    assert response.status_code == 302, response.content.decode()
    made = Policy.objects.get()
    assert (made.applies_to, made.priorities) == ("rfh", ["p2"])
    assert [(tier.promise, tier.position, tier.audience_kind) for tier in made.tiers.all()] == [
        ("first_answer", 1, "owner"),
        ("update", 1, "owner"),
        ("update", 2, "rotation"),
    ]


@pytest.mark.parametrize(
    ("rows", "fields", "sentence"),
    [
        ((("update", "1 day", LEAD),), {}, "Say what is promised."),
        ((("update", "1 day", LEAD),), {"answered_within": "4 h"}, "Say above how soon this is promised"),
        ((), {"answered_within": "4 h"}, "First answer: Add at least one tier"),
        ((("first_answer", "at once", LEAD),), {"answered_within": "4 h"}, "This must be longer than zero."),
    ],
)
def test_the_form_says_what_is_missing_beside_the_field(
    manager: Client, rows: tuple[Any, ...], fields: dict[str, str], sentence: str
) -> None:
    response = manager.post(ADD, typed(*rows, **fields))

    assert sentence in response.content.decode()
    assert not Policy.objects.exists()


def test_the_effect_on_open_requests_is_shown_before_it_is_saved(manager: Client, now: datetime) -> None:
    shipped.ship_requests(now)
    make.filed_rfh(now, summary="How does one move a board?", priority="p1")

    shown = manager.post(
        ADD, typed(("first_answer", "3 h", LEAD), answered_within="8 h", position="1")
    ).content.decode()

    assert "Open requests would change at once" in shown
    assert "How does one move a board?" in shown
    assert Policy.objects.count() == 2


def test_who_would_hear_of_a_request(manager: Client, now: datetime) -> None:
    shipped.ship_requests(now)
    ben = make.agent("Ben")
    make.rotation(make.layer(ben), slug="set", team_of=make.team("set", ben))
    make.team("aaa-without-a-rotation")
    policy = Policy.objects.get(name="P1 requests for help")

    shown = manager.get(f"/admin/sla/policy/{policy.pk}/test/").content.decode()
    asked = manager.get(
        f"/admin/sla/policy/{policy.pk}/test/",
        {"team": "set", "priority": "p2", "level": "L1", "accountable": "mia@example.com", "at": ""},
    ).content.decode()

    assert "First answer within 4 h" in shown
    assert "primary of Set" in shown
    assert "<b>Ben</b> is primary" in shown
    assert "P2 requests for help governs" in asked
    assert "Update every 1 day" in asked
    assert "<b>Mia</b> answers to the customer for it" in asked


def test_a_policys_page_lists_the_requests_it_governs(manager: Client, now: datetime) -> None:
    shipped.ship_requests(now)
    rfh = make.filed_rfh(now, summary="How does one move a board?", priority="p1")
    policy = Policy.objects.get(name="P1 requests for help")

    shown = manager.get(f"/admin/sla/policy/{policy.pk}/change/").content.decode()

    assert Clock.objects.filter(policy=policy).count() == 3
    assert str(rfh) in shown
    assert "Open requests it governs now" in shown
