"""Two people edit one thing in the admin."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from apps.integrations.slack.models import WatchedChannel
from apps.people.models import NamedGroup
from apps.sla.models import Policy
from supportops import roles
from tests import make

pytestmark = pytest.mark.django_db


def manager(name: str, now: datetime) -> Client:
    roles.sync(now)
    who = make.agent(name)
    who.groups.set([Group.objects.get(name=roles.MANAGER)])
    client = Client()
    client.force_login(who)
    return client


def opened(client: Client, address: str) -> str:
    found = re.search(r'name="_seen" value="([0-9a-f]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def policy_form(policy: Policy, **fields: str) -> dict[str, Any]:
    """The policy with one tier, as its page sends it."""
    return {
        "name": policy.name,
        "within": "50 min",
        "position": "",
        "tiers-TOTAL_FORMS": "1",
        "tiers-INITIAL_FORMS": "1",
        "tiers-0-id": str(policy.tiers.get().pk),
        "tiers-0-policy": str(policy.pk),
        "tiers-0-position": "1",
        "tiers-0-after": "10 min",
        "tiers-0-audience_kind": "on_shift",
        "_save": "1",
        **fields,
    }


def test_what_a_colleague_saved_meanwhile_is_not_written_over_unseen(now: datetime) -> None:
    ana, ben = manager("Ana", now), manager("Ben", now)
    group = make.named_group("head-of-success")
    page = f"/admin/people/namedgroup/{group.pk}/change/"
    seen = opened(ben, page)
    ana.post(page, {"slug": "head-of-success", "name": "By Ana", "_seen": opened(ana, page)})

    refused = ben.post(page, {"slug": "head-of-success", "name": "By Ben", "_seen": seen})

    assert NamedGroup.objects.get().name == "By Ana"
    said = refused.content.decode()
    assert "This was changed while you were editing" in said
    assert "by Ana" in said
    assert 'value="By Ben"' in said


def test_saving_again_after_having_been_told_is_a_decision(now: datetime) -> None:
    ana, ben = manager("Ana", now), manager("Ben", now)
    group = make.named_group("head-of-success")
    page = f"/admin/people/namedgroup/{group.pk}/change/"
    seen = opened(ben, page)
    ana.post(page, {"slug": "head-of-success", "name": "By Ana", "_seen": opened(ana, page)})
    refused = ben.post(page, {"slug": "head-of-success", "name": "By Ben", "_seen": seen})
    again = re.search(r'name="_seen" value="([0-9a-f]+)"', refused.content.decode())
    assert again

    ben.post(page, {"slug": "head-of-success", "name": "By Ben", "_seen": again[1]})

    assert NamedGroup.objects.get().name == "By Ben"


def test_another_tier_of_the_same_policy_counts_as_a_change(now: datetime) -> None:
    ana = manager("Ana", now)
    policy = make.policy(minutes=(10, 20))
    page = f"/admin/sla/policy/{policy.pk}/change/"
    seen = opened(ana, page)
    policy.tiers.filter(position=2).delete()

    said = ana.post(page, policy_form(policy, name="Mine", _seen=seen)).content.decode()

    assert "This was changed while you were editing" in said
    assert Policy.objects.get().name == "Enterprise"


@pytest.mark.django_db(transaction=True)
def test_a_policys_form_is_saved_outside_of_a_tests_transaction_too(now: datetime) -> None:
    ana = manager("Ana", now)
    policy = make.policy(minutes=(10,))
    page = f"/admin/sla/policy/{policy.pk}/change/"

    saved = ana.post(page, policy_form(policy, name="Mine", _seen=opened(ana, page)))

    assert saved.status_code == 302
    assert Policy.objects.get().name == "Mine"


def test_where_a_scan_has_got_to_is_no_colleagues_change(now: datetime) -> None:
    ana = manager("Ana", now)
    watched = WatchedChannel.objects.create(channel=make.channel())
    page = f"/admin/slack/watchedchannel/{watched.pk}/change/"
    seen = opened(ana, page)
    WatchedChannel.objects.update(cursor="1773824400.000100", scanned_at=now)

    saved = ana.post(page, {"channel": watched.channel.pk, "horizon": "6 h", "enabled": "on", "_seen": seen})

    assert saved.status_code == 302, saved.content.decode()
    assert WatchedChannel.objects.get().cursor == "1773824400.000100"
