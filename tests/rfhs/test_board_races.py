"""Two people move one card at the same moment, each with a connection of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from apps.rfhs import services
from apps.rfhs.models import RFH
from apps.trail.models import StoredEvent
from supportops import roles
from tests import make
from tests.rotations.threads import in_a_thread

pytestmark = pytest.mark.django_db(transaction=True)


def second(client: Client, rfh: RFH, verb: str, **said: Any) -> Any:
    headers = {"X-Requested-With": "fetch"}
    return in_a_thread(lambda: client.post(f"/rfhs/board/{rfh.pk}/{verb}/", said, headers=headers))


@pytest.mark.parametrize(
    ("verb", "said"), [("move", {"to": "acknowledged"}), ("answer", {"answer": "Raise the limit."})]
)
def test_the_second_sees_what_the_first_did_and_nothing_is_lost(now: datetime, verb: str, said: dict[str, str]) -> None:
    roles.sync(now)
    greta, lena = make.agent("Greta"), make.agent("Lena")
    lena.groups.set([Group.objects.get(name=roles.MANAGER)])
    client = Client()
    client.force_login(lena)
    rfh = make.filed_rfh(now)
    read = rfh.version

    with transaction.atomic():
        services.start(rfh, by=make.acting(greta), now=now)
        thread, found = second(client, rfh, verb, version=read, **said)
        make.until_somebody_waits()
    thread.join()
    [answer] = found

    assert answer.status_code == 409
    assert "Greta works on RFH-" in answer.content.decode()
    # What the second typed is still in the form.
    assert said.get("answer", "") in answer.content.decode()
    rfh.refresh_from_db()
    assert (rfh.state, rfh.owner) == ("in_progress", greta)
    assert StoredEvent.objects.filter(type__in=["RFHAcknowledged", "RFHAnswered"]).count() == 1


def test_two_who_place_cards_beside_each_other_do_not_wait_in_a_ring(now: datetime) -> None:
    # Of cards that stand at one instant the next is written, too.
    first, second, third = make.filed_rfh(now), make.filed_rfh(now), make.filed_rfh(now)
    RFH.objects.update(place=1.0)

    with transaction.atomic():
        RFH.objects.select_for_update().get(pk=second.pk)
        thread, _ = in_a_thread(lambda: services.place(third, above=first.pk, by=make.acting(), now=now))
        make.until_somebody_waits()
        RFH.objects.select_for_update(nowait=True).get(pk=third.pk)
    thread.join()

    assert RFH.objects.get(pk=third.pk).place != 1.0


def test_who_waits_for_another_knows_the_owner_they_gave_it(now: datetime) -> None:
    farid, rfh = make.agent("Farid"), make.filed_rfh(now)

    with transaction.atomic():
        services.acknowledge(rfh, by=make.acting(farid), now=now)
        thread, found = in_a_thread(lambda: services.start(rfh, by=make.acting(name="A script"), now=now))
        make.until_somebody_waits()
    thread.join()

    assert found == [None]
    rfh.refresh_from_db()
    assert (rfh.state, rfh.owner) == ("in_progress", farid)
