"""The page of answers: found by any word of them, narrowed by area, team and customer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.rfhs import services
from apps.rfhs.models import RFH, AnsweredHere, Area
from supportops import roles
from tests import make
from tests.rfhs.test_admin import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(now: datetime) -> Client:
    return signed_in(now, make.agent("Reader"), roles.ENGINEER)


def answered(now: datetime, summary: str, answer: str, learned: str = "", **fields: Any) -> RFH:
    rfh = make.filed_rfh(now, summary=summary, **fields)
    services.answer(rfh, answer=answer, by=make.acting(name="Farid"), now=now)
    if learned:
        services.resolve(rfh, learned=learned, by=make.acting(), now=now)
    return rfh


def questions(client: Client, **asked: str) -> list[str]:
    page = client.get(reverse("rfhs:answers"), asked)
    return [str(answer.rfh or answer.here) for answer in page.context["answers"]]


def test_an_answer_is_found_by_any_of_its_words_and_what_was_found_is_marked(now: datetime, client: Client) -> None:
    uploads = answered(now, "Uploads are cut", "Raise the proxy's <limit>.", "Charts reset limits.", description="413")
    boards = answered(now, "Boards", "Use mmctl.")
    make.rfh(now, summary="Uploads again, with no answer yet")
    here = AnsweredHere.objects.create(
        team=make.team("set"), question="Which proxies do we know?", answer="nginx", source="channel", at=now
    )

    assert set(questions(client)) == {str(uploads), str(boards), str(here)}
    assert questions(client, q="413") == [str(uploads)]
    assert questions(client, q="resetting chart") == [str(uploads)]
    assert set(questions(client, q="proxy")) == {str(uploads), str(here)}
    assert questions(client, q="mmc") == [str(boards)]
    assert questions(client, q="nothing like it") == []
    shown = client.get(reverse("rfhs:answers"), {"q": "limit"}).content.decode()
    assert "&lt;<mark>limit</mark>&gt;" in shown


def test_answers_are_narrowed_and_the_newest_come_first(now: datetime, client: Client) -> None:
    delivery = make.heard(make.team("delivery"))
    area = Area.objects.create(slug="deployment", name="Deployment", team=delivery)
    acme = make.customer()
    old = answered(now - timedelta(days=2), "Old", "Old answer", customer=acme)
    new = answered(now, "New", "New answer", team_of=make.team("search"))
    RFH.objects.filter(pk=old.pk).update(area=area)

    assert questions(client) == [str(new), str(old)]
    assert questions(client, area="deployment") == [str(old)]
    assert questions(client, team="search") == [str(new)]
    assert questions(client, customer="acme", q="answer") == [str(old)]


def test_a_page_of_answers_asks_as_often_for_many_as_for_few(
    now: datetime, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        asked = make.rfh(now, summary=f"Question {number}")
        services.ask_teammates(asked, by=make.acting(), now=now)
        services.solved_by_teammate(asked, answer="Yes", by=make.acting(), now=now)
    client.get(reverse("rfhs:answers"))

    with django_assert_max_num_queries(16):
        page = client.get(reverse("rfhs:answers"), {"q": "question", "page": "2"})

    assert len(page.context["answers"]) == 5


def test_answers_are_for_those_who_may_see_requests(now: datetime) -> None:
    client = Client()
    client.force_login(make.agent("Newcomer"))

    assert client.get(reverse("rfhs:answers")).status_code == 403
