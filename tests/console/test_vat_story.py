"""Products with 0 % VAT, and whoever wrote the script has gone home: a colleague reads what happened, from the trail.

As told in "7 ways to improve your next support rotation with event storage", point 3.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from apps.trail import reading
from apps.trail.models import StoredEvent
from apps.trail.reading import Query
from apps.trail.selectors import story
from supportops import roles
from tests import make
from tests.console.running import ISSUE, manage

pytestmark = pytest.mark.django_db(transaction=True)

# The slip is the default.
SCRIPT = """
from apps.people import services as people
from django.utils import timezone

def correct(customer, rate=0):
    people.save_customer(customer, notes=f"VAT {rate} %", now=timezone.now())
    trail.publish("VatRateCorrected", data={"from": 19, "to": rate}, about=[customer])

for customer in Customer.objects.all():
    correct(customer)
"""


def test_a_colleague_reads_who_changed_it_for_which_issue_and_what_else_changed() -> None:
    make.agent("Bela", last_name="Author")
    for slug in ("acme", "globex", "initech"):
        make.customer(slug, notes="VAT 19 %")
    done = manage("shell", "-v0", "--as=bela", f"--for={ISSUE}", script=SCRIPT)
    assert done.returncode == 0, done.stderr

    # Somebody looks at one customer with 0 %.
    newest = next(line for line in story("customer:globex", newest_first=True) if line.type == "VatRateCorrected")
    assert (newest.actor, newest.actor_kind) == ("Bela Author", "console")
    assert newest.cause_sentence.endswith(f" for {ISSUE}")

    # What led there is the session: its script shows the default.
    session = StoredEvent.objects.get(position=newest.cause_position)
    assert "def correct(customer, rate=0)" in session.payload["code"]

    # All that it changed, and no more: who must be put right.
    chain = reading.forwards(Query(correlation=session.correlation_id), limit=100)
    assert [(event.type, event.metadata) for event in chain] == [
        (name, {"issue": ISSUE})
        for name in ("ConsoleOpened", *("ObjectChanged", "VatRateCorrected") * 3, "ConsoleClosed")
    ]
    changed = [event for event in chain if event.type == "ObjectChanged"]
    assert [event.about for event in changed] == [["customer:acme"], ["customer:globex"], ["customer:initech"]]
    assert {tuple(event.payload["changes"]["notes"]) for event in changed} == {("VAT 19 %", "VAT 0 %")}

    # And everything that was ever done at the command line for that issue.
    assert [line.type for line in story(f"issue:{ISSUE}")] == ["ConsoleOpened", "ConsoleClosed"]


def test_the_page_of_the_session_shows_it_to_who_may_read_the_trail() -> None:
    make.agent("Bela", last_name="Author")
    make.customer("acme", notes="VAT 19 %")
    manage("shell", "-v0", "--as=bela", f"--for={ISSUE}", script=SCRIPT)
    roles.sync(timezone.now())
    carla = make.agent("Carla")
    carla.groups.add(Group.objects.get(name=roles.AGENT))
    reader = Client()
    reader.force_login(carla)

    session = StoredEvent.objects.get(type="ConsoleOpened")
    page = reader.get(f"/trail/{session.position}/").content.decode()

    for shown in ("Bela Author", f'href="{ISSUE}"', "rate=0", "Vat rate corrected"):
        assert shown in page
