"""What no browser sends, and somebody sends all the same: it is refused or left out, and is no fault of the portal."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from apps.rfhs import services
from apps.rfhs.models import RFH, Area
from supportops import roles
from tests import make
from tests.rfhs.asking import client_of, in_role

pytestmark = pytest.mark.django_db
NULL = "a\x00b"


@pytest.fixture
def moment() -> datetime:
    """Pages read the real clock."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def ana(now: datetime) -> Client:
    return client_of(in_role(roles.AGENT, now=now))


@pytest.mark.parametrize(
    "page",
    [
        "/rfhs/new/?ticket=%00&summary=a%00b",
        "/rfhs/board/?team=a%00b&q=%00",
        "/rfhs/answers/?q=a%00b&area=%00",
        "/reports/engineering-help/behind/?only=needed&team=a%00b",
        "/admin/rfhs/rfh/?state__exact=a%00b&team=%00&q=%00",
    ],
)
def test_no_page_fails_for_a_null_character_in_its_address(ana: Client, page: str) -> None:
    assert ana.get(page, follow=True).status_code == 200


def test_a_null_character_in_the_form_is_left_out(ana: Client, moment: datetime) -> None:
    team = make.heard(make.team("delivery"))
    Area.objects.create(slug="deployment", name="Deployment", team=team, keywords=["kubernetes"])
    rfh, asked = make.rfh(moment), make.rfh(moment)
    services.ask_teammates(asked, by=make.acting(), now=moment)

    begun = ana.post("/rfhs/form/save/", {"key": NULL, "summary": NULL})
    ana.post(f"/rfhs/{rfh.pk}/form/teammates/", {"do": "next", "because": NULL})
    ana.post(f"/rfhs/{rfh.pk}/form/team/", {"choice": "deli\x00very|deployment|"})
    ana.post(f"/rfhs/{asked.pk}/form/teammates/", {"do": "solved", "answer": NULL, "answered_by": NULL})

    assert RFH.objects.get(pk=begun.json()["rfh"]).summary == "ab"
    rfh.refresh_from_db()
    asked.refresh_from_db()
    assert (rfh.filing["because"], rfh.filing["team"]) == ("ab", "delivery")
    assert (asked.answer, asked.answered_by) == ("ab", "ab")


def test_a_page_that_is_none_makes_no_item(ana: Client) -> None:
    for key in ("%00", "abc"):
        assert ana.get(f"/admin/pages/page/{key}/make_item/").status_code == 403, key


def test_numbers_that_are_none_name_nothing(ana: Client, moment: datetime) -> None:
    rfh = make.rfh(moment)
    huge = "9" * 5000

    assert ana.post("/rfhs/form/save/", {"rfh": huge, "summary": "x"}).status_code == 404
    for pressed in (f"remove:{huge}", "remove:²", "drop:nothing", f"drop:{NULL}"):
        assert ana.post(f"/rfhs/{rfh.pk}/form/context/", {"do": pressed}).status_code == 302, pressed
