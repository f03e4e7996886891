"""Verifying by a job, its outcome on the trail, in Slack and on the home page; and the newest seal in Slack."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone
from django_q.models import OrmQ

from apps.dashboard import health
from apps.dashboard.selectors import trail as trail_part
from apps.notices.models import Notice
from apps.people.models import Agent
from apps.trail.models import StoredEvent
from apps.trail.seals import chain, jobs, keeping, selectors
from apps.trail.seals.models import Seal
from supportops import roles
from tests import make
from tests.trail.lamps import switched
from tests.trail.reading_room import signed_in
from tests.trail.seals.sealing import seal, tampering

pytestmark = pytest.mark.django_db(transaction=True)


def outcome() -> StoredEvent:
    found = selectors.standing().outcome
    assert found is not None
    return found


def tampered(now: datetime) -> int:
    """An event was altered after it was sealed, and that was found."""
    [entry, _] = switched(2, now=now)
    seal(now=now)
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [entry.position])
    jobs.verify()
    return entry.position


def manager(name: str = "Mara") -> Agent:
    agent = make.agent(name)
    agent.groups.add(Group.objects.get_or_create(name="Support manager")[0])
    return agent


def test_an_untouched_trail_is_told_as_verified(now: datetime) -> None:
    switched(3, now=now)
    newest = seal(now=now)

    said = jobs.verify()

    assert said == "The trail was verified up to seal 1: 3 events are as they were sealed"
    assert outcome().type == "TrailVerified"
    assert outcome().field("hash") == bytes(newest.hash).hex()
    assert Notice.objects.count() == 0


def test_what_was_tampered_with_is_told(now: datetime) -> None:
    position = tampered(now)

    told = outcome()
    assert (told.type, told.field("seal"), told.field("position")) == ("TrailTampered", 1, position)
    assert "was altered, under seal 1." in told.sentence


def test_the_page_of_what_was_altered_says_so_and_each_leads_to_the_other(now: datetime) -> None:
    position = tampered(now)
    reader = signed_in(role=roles.AGENT, now=now)

    altered = reader.get(f"/trail/{position}/").content.decode()
    found = reader.get(f"/trail/{outcome().position}/").content.decode()

    assert "This event is not as it was sealed." in altered
    assert f'href="/trail/{outcome().position}/"' in altered
    assert f'href="/trail/{position}/"' in found
    assert "This event is not as it was sealed." not in found


def test_a_long_trail_is_verified_by_several_jobs(now: datetime) -> None:
    for _ in range(3):
        switched(2, now=now)
        seal(now=now)

    jobs.verify(most=2)
    while (waiting := OrmQ.objects.first()) is not None:
        task = waiting.task
        waiting.delete()
        assert task["func"] == "apps.trail.seals.jobs.verify"
        jobs.verify(*task["args"])

    told = outcome()
    assert (told.field("seals"), told.field("events"), told.field("first")) == (3, 6, 1)
    assert StoredEvent.objects.filter(type="TrailVerified").count() == 1


def test_an_end_that_was_cut_off_is_told_by_the_file(now: datetime, settings: Any, tmp_path: Path) -> None:
    settings.TRAIL_SEAL_FILE = str(tmp_path / "seals")
    switched(2, now=now)
    seal(now=now)
    switched(2, now=now)
    keeping.add(seal(now=now).head, made_at=now, path=tmp_path / "seals")
    jobs.verify()
    before = outcome().type
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_seal WHERE number = 2")

    jobs.verify()

    assert before == "TrailVerified"
    assert "the rest was cut off" in outcome().sentence


def test_with_nothing_sealed_nothing_is_told() -> None:
    assert jobs.verify() == "Nothing is sealed yet"
    assert StoredEvent.objects.count() == 0


def test_support_managers_hear_of_tampering(now: datetime) -> None:
    manager()
    make.agent("Ben")

    position = tampered(now)

    notice = Notice.objects.get()
    assert notice.channel == "UMARA"
    assert f"Event {position} " in notice.text


def test_without_a_managers_slack_id_the_default_channel_hears(now: datetime, settings: Any) -> None:
    settings.SLACK_DEFAULT_CHANNEL = "C0DEFAULT"

    tampered(now)

    assert Notice.objects.get().channel == "C0DEFAULT"


def test_with_nobody_to_tell_the_outbox_says_so(now: datetime, settings: Any) -> None:
    settings.SLACK_DEFAULT_CHANNEL = ""

    tampered(now)

    assert "no support manager has a Slack id" in Notice.objects.get().error


def test_the_newest_seal_is_shown_in_words_that_are_read_again(now: datetime, settings: Any) -> None:
    settings.TRAIL_SEAL_CHANNEL = "C0SEALS"
    switched(2, now=now)
    newest = seal(now=now)

    jobs.show_head()

    notice = Notice.objects.get()
    assert notice.channel == "C0SEALS"
    assert chain.kept(notice.text) == [newest.head]


def test_without_a_channel_no_seal_is_shown(now: datetime) -> None:
    switched(2, now=now)
    seal(now=now)

    assert jobs.show_head() == "No channel keeps seals"
    assert Notice.objects.count() == 0


def test_the_home_page_says_how_it_stands(now: datetime) -> None:
    fresh = trail_part(sees_seals=True, now=timezone.now())
    switched(2, now=now)
    waits = trail_part(sees_seals=True, now=timezone.now() + timedelta(minutes=6))
    seal(now=now)
    jobs.verify()
    seal(now=now)
    well = trail_part(sees_seals=False, now=timezone.now())
    tampered(now)
    ill = trail_part(sees_seals=True, now=timezone.now())

    assert (fresh.state, waits.state, well.state, ill.state) == (health.UNTRIED, health.ILL, health.WELL, health.ILL)
    assert "wait to be sealed" in waits.says
    assert "tampered with: Event " in ill.says
    assert trail_part(sees_seals=False, now=timezone.now()).says == "The trail was tampered with"
    assert (well.link, ill.link) == ("", "/admin/trail/seal/")


def viewer(*rights: str) -> Agent:
    agent = make.agent("Viewer", is_staff=True)
    for right in rights:
        agent.user_permissions.add(Permission.objects.get(content_type__app_label="trail", codename=right))
    return agent


def test_the_page_lists_seals_and_says_how_it_stands(client: Any, now: datetime) -> None:
    client.force_login(viewer("view_seal", "export_trail"))
    switched(2, now=now)
    newest = seal(now=now)
    jobs.verify()

    page = client.get("/admin/trail/seal/")
    one = client.get(f"/admin/trail/seal/{newest.number}/change/")

    text = page.content.decode()
    assert "Seal 1" in text
    assert str(newest.head) in text
    assert "Not sealed yet: 1 event," in text
    assert "The trail was verified up to seal 1" in text
    assert bytes(newest.root).hex() in one.content.decode()


@pytest.mark.parametrize(
    ("sought", "found"), [("2", [2]), ("event {}", [2]), ("7", []), ("event 999999", []), ("x", [])]
)
def test_a_seal_is_found_by_its_number_and_by_an_event(
    client: Any, now: datetime, sought: str, found: list[int]
) -> None:
    client.force_login(viewer("view_seal"))
    switched(2, now=now)
    seal(now=now)
    [entry] = switched(1, now=now)
    seal(now=now)

    page = client.get("/admin/trail/seal/", {"q": sought.format(entry.position)})

    assert [one.number for one in page.context["cl"].result_list] == found


def test_verifying_is_asked_for_by_a_button(client: Any, now: datetime) -> None:
    client.force_login(viewer("view_seal", "export_trail"))
    switched(1, now=now)
    seal(now=now)

    page = client.get("/admin/trail/seal/")
    answer = client.post("/admin/trail/seal/verify/", follow=True)

    assert "Verify the trail now" in page.content.decode()
    assert "A worker verifies the trail now" in answer.content.decode()


def test_who_may_not_export_may_not_verify(client: Any, now: datetime) -> None:
    client.force_login(viewer("view_seal"))
    switched(1, now=now)
    seal(now=now)

    assert "Verify the trail now" not in client.get("/admin/trail/seal/").content.decode()
    assert client.post("/admin/trail/seal/verify/").status_code == 403
    assert client.get("/admin/trail/seal/verify/").status_code in (403, 405)


def test_who_may_not_see_seals_sees_none(client: Any, now: datetime) -> None:
    client.force_login(viewer("view_storedevent"))
    switched(1, now=now)
    newest = seal(now=now)

    assert client.get("/admin/trail/seal/").status_code == 403
    assert client.get(f"/admin/trail/seal/{newest.number}/change/").status_code == 403
    assert Seal.objects.count() == 1
