"""From a team or a page to the steps its pages climb by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.sla.models import Policy
from supportops import roles
from tests import make
from tests.make import MINUTE

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    roles.sync(timezone.now())
    who = make.agent(role.split()[-1].capitalize())
    who.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(who)
    return client


def sent_as_offered(context: Any) -> dict[str, Any]:
    """What a browser would post of a form that nobody has touched."""
    form, [tiers] = context["adminform"].form, [each.formset for each in context["inline_admin_formsets"]]
    fields = [form[name] for name in form.fields]
    fields += [row[name] for row in tiers for name in row.fields]
    fields += [tiers.management_form[name] for name in tiers.management_form.fields]
    return {each.html_name: each.value() for each in fields if each.value() is not None and each.value() is not False}


def test_other_steps_for_a_teams_pages_begin_from_the_usual_ones(now: datetime) -> None:
    browser, team = signed_in(roles.MANAGER), make.team("set")
    page = make.page(to=team, now=now)
    shown = browser.get(f"/admin/pages/page/{page.pk}/change/").content.decode()
    led_to = browser.get(f"/admin/people/team/{team.pk}/page-steps/").headers["Location"]
    assert f'href="{led_to.replace("&", "&amp;")}"' in shown
    assert led_to.endswith("?applies_to=page&team=set")

    offered = browser.get(led_to).context
    response = browser.post(led_to, {**sent_as_offered(offered), "_save": "1"})

    assert response.status_code == 302, response.context["errors"]
    policy = Policy.objects.get(name="Pages to Set")
    assert [each.slug for each in policy.teams.all()] == ["set"]
    assert policy.promises.get().within == 10 * MINUTE
    assert [(tier.after // MINUTE, tier.role) for tier in policy.tiers.all()] == [
        (0, "primary"), (10, "backup"), (20, "lead"),
    ]  # fmt: skip
    own = browser.get(f"/admin/people/team/{team.pk}/page-steps/").headers["Location"]
    assert own == f"/admin/sla/policy/{policy.pk}/change/"
    assert browser.get(f"/admin/people/team/{make.team('other').pk}/page-steps/").status_code == 302
    assert signed_in(roles.ENGINEER).get(f"/admin/people/team/{make.team('other').pk}/page-steps/").status_code == 403
