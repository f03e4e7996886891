"""Working together on a request: the engineer and the customer, an estimate, and who answers for it all."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.rfhs import services
from apps.rfhs.errors import BadRFH, IllegalStep
from apps.rfhs.models import RFH
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


def last(rfh: RFH) -> StoredEvent:
    return StoredEvent.objects.filter(about__contains=[rfh.stream]).latest("position")


def test_an_engineer_who_joins_is_added_the_way_the_customer_came(now: datetime) -> None:
    farid, by = make.agent("Farid"), make.acting(make.agent())
    by_mail = make.filed_rfh(now, ticket=make.ticket("1", origin="email"))
    in_slack = make.filed_rfh(
        now,
        team_of=by_mail.team,
        ticket=make.ticket("2", origin="slack", channel="C1", thread_ts="1.5"),
    )
    services.acknowledge(in_slack, by=make.acting(farid), now=now)
    services.ask_to_join(in_slack, by=by, now=now)
    assert (in_slack.works_with_customer, last(in_slack).payload["to_email"]) == ("asked", "farid@example.com")

    cc = services.join_customer(by_mail, by=make.acting(farid), now=now)
    services.join_customer(in_slack, by=make.acting(farid), now=now)

    assert cc == "Add Farid (farid@example.com) in cc on ticket 1 in the help desk."
    assert last(by_mail).payload["channel"] == ""
    payload = last(in_slack).payload
    assert (payload["way"], payload["channel"], payload["thread_ts"]) == ("mention", "C1", "1.5")
    assert (by_mail.works_with_customer, by_mail.owner) == ("yes", farid)
    assert (by_mail.brought_in_at, in_slack.brought_in_at) == (None, now)
    services.bring_in(by_mail, by=by, now=now)
    assert by_mail.brought_in_at == now


def test_who_works_on_it_does_not_change_who_is_accountable(now: datetime) -> None:
    ana, ben, farid = make.agent(), make.agent("Ben"), make.agent("Farid")
    rfh = make.filed_rfh(now, by=make.acting(ana))
    services.acknowledge(rfh, by=make.acting(farid), now=now)
    services.assign(rfh, to=make.agent("Greta"), by=make.acting(farid), now=now)
    assert rfh.accountable == ana

    services.make_accountable(rfh, to=ben, because="Ana is away", by=make.acting(ana), now=now)

    assert rfh.accountable == ben
    payload = last(rfh).payload
    assert (payload["before_email"], payload["to_email"]) == ("ana@example.com", "ben@example.com")


def test_an_estimate_is_asked_for_and_told_as_no_promise(now: datetime) -> None:
    rfh = make.filed_rfh(now)
    services.ask_estimate(rfh, by=make.acting(), now=now)

    services.give_estimate(rfh, estimate="  Probably\n this week ", by=make.acting(name="Farid"), now=now)

    assert (rfh.estimate, rfh.estimated_by, rfh.estimate_asked_at) == ("Probably this week", "Farid", now)
    assert "no promise" in last(rfh).sentence


def test_only_a_customer_with_an_account_manager_has_one_who_follows(now: datetime) -> None:
    rfh = make.filed_rfh(now, customer=make.customer(account_manager=make.agent("Mia")))
    alone = make.rfh(now)

    services.follow(rfh, follows=True, by=make.acting(), now=now)
    with pytest.raises(BadRFH):
        services.follow(alone, follows=True, by=make.acting(), now=now)

    assert rfh.account_manager_follows
    assert last(rfh).payload["account_manager_email"] == "mia@example.com"


def test_nobody_is_asked_about_what_is_over_or_has_no_team(now: datetime) -> None:
    draft, over = make.rfh(now), make.filed_rfh(now)
    services.withdraw(over, because="Solved", by=make.acting(), now=now)

    with pytest.raises(BadRFH):
        services.ask_to_join(draft, by=make.acting(), now=now)
    with pytest.raises(IllegalStep):
        services.ask_estimate(over, by=make.acting(), now=now)


def test_the_next_engineer_is_asked_anew(now: datetime) -> None:
    farid, greta, by = make.agent("Farid"), make.agent("Greta"), make.acting()
    rfh = make.filed_rfh(now)
    services.acknowledge(rfh, by=make.acting(farid), now=now)
    services.join_customer(rfh, by=make.acting(farid), now=now)

    services.assign(rfh, to=greta, by=by, now=now)

    assert (rfh.works_with_customer, rfh.brought_in_at) == ("", None)
