"""verify_trail and seal_head, as somebody at a console uses them."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.trail.seals.models import Seal
from tests.trail.lamps import switched
from tests.trail.seals.sealing import seal, tampering

pytestmark = pytest.mark.django_db(transaction=True)


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, no_color=True)
    return out.getvalue()


def refused(*arguments: str) -> tuple[str, str]:
    """What was said, and with what it ended."""
    out = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command(*arguments, stdout=out, no_color=True)
    return out.getvalue(), str(ended.value)


def tamper(position: int) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [position])


def test_an_untouched_trail_holds_and_says_how_far(now: datetime) -> None:
    switched(3, now=now)
    newest = seal(now=now)
    switched(2, now=now)

    text = said("verify_trail")

    assert ": seals 1, events 3 (" in text
    assert f"The seals reach event {newest.position}, sealed 2026-03-18 09:00:00 UTC." in text
    assert "Not sealed yet: 2 events." in text
    assert "Everything looked through is as it was sealed." in text


@pytest.mark.parametrize("how", [(), ("--quick",), ("--in-python",), ("--from", "1")])
def test_a_changed_event_is_named_and_the_command_fails(now: datetime, how: tuple[str, ...]) -> None:
    [entry, _] = switched(2, now=now)
    seal(now=now)
    tamper(entry.position)

    text, ended = refused("verify_trail", *how)

    assert text.startswith(f"Event {entry.position} ({entry.id}: X) was altered, under seal 1.")
    assert ended == "The trail is not as it was sealed."


def test_a_head_kept_in_a_file_shows_what_was_cut_off(now: datetime, tmp_path: Path) -> None:
    file = str(tmp_path / "seals")
    switched(2, now=now)
    seal(now=now)
    switched(2, now=now)
    seal(now=now)
    printed = said("seal_head", file)
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_storedevent WHERE position > (SELECT min(position) FROM trail_seal)")
        cursor.execute("DELETE FROM trail_seal WHERE number = 2")

    assert "as it was sealed" in said("verify_trail")
    for head in (file, printed):
        text, _ = refused("verify_trail", "--head", head)
        assert text.startswith("Seal 2 was kept outside, and the chain ends with seal 1: the rest was cut off.")


def test_a_head_that_is_right_is_accepted(now: datetime, tmp_path: Path) -> None:
    file = str(tmp_path / "seals")
    for _ in range(2):
        switched(2, now=now)
        seal(now=now)
        said("seal_head", file)

    assert "as it was sealed" in said("verify_trail", "--head", file, "--head", str(Seal.objects.get(number=1).head))


def test_what_is_no_head_is_refused_with_what_to_write(now: datetime, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")

    assert "write what seal_head printed" in refused("verify_trail", "--head", "nothing")[1]
    assert "There is no seal in" in refused("verify_trail", "--head", str(tmp_path / "empty"))[1]


def test_a_seal_that_is_not_there_is_refused(now: datetime) -> None:
    switched(2, now=now)
    seal(now=now)

    assert refused("verify_trail", "--from", "2")[1] == "There is no seal 2; there are 1 to 1."


def test_with_nothing_sealed_it_says_so(now: datetime) -> None:
    switched(2, now=now)

    assert "Nothing is sealed yet" in said("verify_trail")
    assert "Nothing is sealed yet" in refused("seal_head")[1]


def test_a_kept_seal_of_a_trail_without_seals_is_missed(now: datetime) -> None:
    switched(2, now=now)
    kept = str(seal(now=now).head)
    with tampering() as cursor:
        cursor.execute("DELETE FROM trail_seal")

    assert "there is no seal at all" in refused("verify_trail", "--head", kept)[0]


def test_a_dump_restored_elsewhere_holds(now: datetime) -> None:
    # Another cluster: another system identifier, and with it another epoch and transaction ids that start anew.
    switched(3, now=now)
    first = seal(now=now)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trail_epoch DISABLE TRIGGER trail_epoch_keep")
        cursor.execute("UPDATE trail_epoch SET system_identifier = 1")
        cursor.execute("ALTER TABLE trail_epoch ENABLE ALWAYS TRIGGER trail_epoch_keep")

    switched(2, now=now)
    second = seal(now=now)

    assert (first.epoch + 1, second.count) == (second.epoch, 2)
    assert "seals 2, events 5 (" in said("verify_trail")
