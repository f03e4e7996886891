"""A backup, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from apps.people.models import Customer
from apps.tickets.models import Ticket
from apps.trail.models import StoredEvent
from apps.trail.seals.verifying import verify
from tests import make
from tests.trail.seals.sealing import seal

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_backed_up_comes_back_whole(tmp_path: Path) -> None:
    file = tmp_path / "one.dump"
    make.ticket("4711", subject="Kept")
    events = list(StoredEvent.objects.order_by("pk").values_list("pk", "type"))
    call_command("backup", file, verbosity=0)
    make.ticket("4712")
    Customer.objects.create(slug="late", name="Late")

    call_command("restore", file, yes=True, verbosity=0)

    assert list(Ticket.objects.values_list("number", "subject")) == [("4711", "Kept")]
    assert not Customer.objects.exists()
    came_back = list(StoredEvent.objects.order_by("pk").values_list("pk", "type"))
    assert came_back[: len(events)] == events
    # And what the restore says of itself.
    assert [name for _, name in came_back[len(events) :]] == ["DatabaseRestored", "ConsoleClosed"]


def test_a_restored_trail_still_refuses_changes(tmp_path: Path) -> None:
    file = tmp_path / "one.dump"
    make.ticket()
    call_command("backup", file, verbosity=0)

    call_command("restore", file, yes=True, verbosity=0)

    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'Nothing'")


def test_a_restored_trail_is_as_it_was_sealed(tmp_path: Path) -> None:
    file = tmp_path / "one.dump"
    make.ticket("4711")
    kept = seal(now=make.NOW)
    call_command("backup", file, verbosity=0)

    call_command("restore", file, yes=True, verbosity=0)

    verified = verify(heads=[kept.head], links=True)
    assert verified.findings == []
    assert verified.events == kept.count


def test_a_backup_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "one.dump"

    call_command("backup", file, verbosity=0)

    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["one.dump"]


def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "one.dump"
    file.write_text("not a dump")
    make.ticket()

    with pytest.raises(CommandError, match="pg_restore failed"):
        call_command("restore", file, yes=True, verbosity=0)

    assert Ticket.objects.count() == 1


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", tmp_path / "none.dump", yes=True)


def test_nothing_is_restored_under_a_running_portal(tmp_path: Path) -> None:
    file = tmp_path / "one.dump"
    call_command("backup", file, verbosity=0)
    other = connection.copy()
    other.ensure_connection()

    with pytest.raises(CommandError, match="stop web and worker first"):
        call_command("restore", file, yes=True)
    other.close()
