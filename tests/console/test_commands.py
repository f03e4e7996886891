"""Commands that change data: each takes --as and --for, and its run is on the trail."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection

from apps.api.models import ApiKey
from apps.people.models import Agent, Plan
from apps.trail.console.commands import Named
from apps.trail.context import Context, current
from apps.trail.models import StoredEvent
from supportops.database import process_name
from tests import make
from tests.console.running import ISSUE, Terminal, manage
from tests.ground.working import environment

KEY = ("--name=CI", "--scope=read")
# Run by a deployment, or for as long as the portal runs: they act as the system.
SYSTEM = {
    "clearsessions",
    "collectstatic",
    "migrate",
    "qcluster",
    "run",
    "runserver",
    "slack_socket",
    "sync",
    "worker",
}
# They change nothing in the database; `flush` is refused by it.
READING = {
    "backup",
    "check",
    "compilemessages",
    "createcachetable",
    "diffsettings",
    "dumpdata",
    "event_types",
    "findstatic",
    "flush",
    "generateschema",
    "inspectdb",
    "makemessages",
    "makemigrations",
    "optimizemigration",
    "qinfo",
    "qmemory",
    "qmonitor",
    "rfh_table",
    "seal_head",
    "sendtestemail",
    "showmigrations",
    "spectacular",
    "sqlflush",
    "sqlmigrate",
    "sqlsequencereset",
    "squashmigrations",
    "startapp",
    "startproject",
    "test",
    "testserver",
    "verify_export",
    "verify_trail",
}


def test_every_command_that_writes_takes_a_person_and_an_issue() -> None:
    writing = {name: app for name, app in get_commands().items() if name not in SYSTEM | READING}

    without = [name for name, app in writing.items() if not isinstance(load_command_class(str(app), name), Named)]

    assert without == [], "derive it from apps.trail.console.commands.Operated, or list it above with the reason"
    assert {"shell", "dbshell", "loaddata", "restore", "createsuperuser", "changepassword"} <= set(writing)


@pytest.mark.django_db
def test_a_command_with_a_person_and_an_issue_is_a_session_of_theirs() -> None:
    ana = make.agent("Ana")

    call_command(
        "create_api_key",
        "--name=CI",
        "--scope=read",
        "--as=ana",
        f"--for={ISSUE}",
        stdout=StringIO(),
        stderr=StringIO(),
    )

    opened, made = StoredEvent.objects.get(type="ConsoleOpened"), StoredEvent.objects.get(type="ApiKeyCreated")
    assert made.causation_id == opened.event_id
    assert (made.actor_kind, made.actor_id, made.metadata) == ("console", str(ana.pk), {"issue": ISSUE})
    assert opened.sentence.startswith("manage.py create_api_key was run on ")
    assert ApiKey.objects.get().created_by == ana


@pytest.mark.django_db
def test_a_command_of_nobody_is_the_machines_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "deploy")

    call_command("create_api_key", *KEY, stdout=StringIO(), stderr=StringIO())

    made = StoredEvent.objects.get(type="ApiKeyCreated")
    assert (made.actor_kind, made.actor_label, made.metadata) == ("console", "deploy", {})
    assert made.causation_id == StoredEvent.objects.get(type="ConsoleOpened").event_id


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", [["--as=nobody@example.com", f"--for={ISSUE}"], ["--as=ana", "--for=SUP-1"], ["--as=ana"]]
)
def test_a_command_with_a_wrong_or_half_an_answer_does_nothing(given: list[str]) -> None:
    make.agent("Ana")

    with pytest.raises(CommandError):
        call_command("create_api_key", *KEY, *given)

    assert not ApiKey.objects.exists()
    assert not StoredEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_at_a_terminal_a_command_asks_beside_its_output() -> None:
    make.agent("Ana")

    with Terminal("create_api_key", *KEY, SUDO_USER="ana") as terminal:
        terminal.wait_for("Who are you? [ana@example.com] ")
        terminal.type("")
        terminal.wait_for("Its address: ")
        terminal.type(ISSUE)
        terminal.wait_for("so_")

        assert terminal.ended() == 0

    made = StoredEvent.objects.get(type="ApiKeyCreated")
    assert (made.actor_label, made.metadata) == ("Ana", {"issue": ISSUE})
    assert StoredEvent.objects.get(type="ConsoleOpened").payload["code"] == "create_api_key --name=CI --scope=read"


@pytest.mark.django_db(transaction=True)
def test_the_first_person_of_an_empty_portal_is_not_asked_who_they_are() -> None:
    with Terminal("createsuperuser", "--noinput", "--email=ana@example.com") as terminal:
        terminal.wait_for("Superuser created successfully.")

        assert terminal.ended() == 0

    made = StoredEvent.objects.get(type="ObjectCreated")
    assert made.about == [f"agent:{Agent.objects.get().pk}"]
    assert (made.actor_kind, made.payload["after"]["is_superuser"]) == ("console", True)


@pytest.mark.django_db(transaction=True)
def test_a_password_changed_at_the_terminal_is_on_the_trail_without_it() -> None:
    ana = make.agent("Ana")

    with Terminal("changepassword", "ana@example.com", "--as=ana", f"--for={ISSUE}") as terminal:
        terminal.wait_for("Password: ")
        terminal.type("correct-horse-9")
        terminal.wait_for("(again): ")
        terminal.type("correct-horse-9")
        terminal.wait_for("successfully")

        assert terminal.ended() == 0

    ana.refresh_from_db()
    assert ana.check_password("correct-horse-9")
    said = StoredEvent.objects.get(type="PasswordSet")
    assert (said.about, said.metadata) == ([f"agent:{ana.pk}"], {"issue": ISSUE})
    assert "horse" not in json.dumps(list(StoredEvent.objects.values_list("payload", flat=True)))


@pytest.mark.django_db(transaction=True)
def test_fixtures_are_loaded_by_somebody_and_their_names_kept(tmp_path: Path) -> None:
    make.agent("Ana")
    file = tmp_path / "plans.json"
    file.write_text(json.dumps([{"model": "people.plan", "fields": {"slug": "x", "name": "X"}}]))

    done = manage("loaddata", str(file), "--as=ana", f"--for={ISSUE}")

    assert done.returncode == 0, done.stderr
    assert Plan.objects.get().slug == "x"
    assert str(file) in StoredEvent.objects.get(type="ConsoleOpened").payload["code"]


@pytest.mark.django_db(transaction=True)
def test_psql_only_looks_unless_somebody_says_who_and_for_what() -> None:
    make.agent("Ana")
    insert = ("dbshell", "--", "-c", "INSERT INTO people_plan (slug, name, position) VALUES ('x', 'X', 1)")

    at = connection.get_connection_params()
    # psql is told of a server only by what DATABASE_URL says in the usual place.
    server = {"PGHOST": at["host"], "PGPORT": str(at["port"])}

    refused = manage(*insert, **server)
    done = manage(insert[0], "--as=ana", f"--for={ISSUE}", *insert[1:], **server)

    assert "read-only transaction" in refused.stderr
    assert "begin with --as YOUR-EMAIL --for ADDRESS" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert Plan.objects.get().slug == "x"
    assert "INSERT INTO people_plan" in StoredEvent.objects.get(type="ConsoleOpened").payload["code"]


@pytest.mark.django_db(transaction=True)
def test_who_restored_a_backup_is_on_the_trail_that_came_back(tmp_path: Path) -> None:
    make.agent("Ana")
    file = tmp_path / "one.dump"
    call_command("backup", file, verbosity=0, stdout=StringIO())

    call_command("restore", file, "--yes", "--as=ana", f"--for={ISSUE}", stdout=StringIO())

    restored = StoredEvent.objects.get(type="DatabaseRestored")
    assert restored.sentence == f"The database was replaced by the backup {file}"
    assert (restored.actor_label, restored.metadata) == ("Ana", {"issue": ISSUE})


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (["manage.py", "worker"], "supportops worker"),
        (["/srv/app/manage.py", "shell", "-c", "1"], "supportops shell"),
        (["/usr/bin/gunicorn", "supportops.wsgi"], "supportops web"),
        (["/usr/lib/gunicorn/__main__.py", "supportops.wsgi"], "supportops web"),
        (["/usr/lib/pytest/__main__.py"], "supportops pytest"),
        (["manage.py"], "supportops"),
        ([], "supportops"),
    ],
)
def test_postgresql_is_told_what_a_process_is(line: list[str], name: str) -> None:
    assert process_name(line) == name


@pytest.mark.django_db(transaction=True)
def test_a_session_within_a_process_leaves_nothing_behind() -> None:
    make.agent("Ana")
    said = "SELECT current_setting('application_name'), coalesce(current_setting('trail.context', true), '')"

    def told() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(said)
            return cursor.fetchall()

    connection.close()
    before, environment_before = told(), dict(os.environ)

    call_command("create_api_key", *KEY, "--as=ana", f"--for={ISSUE}", stdout=StringIO(), stderr=StringIO())

    assert told() == before
    assert dict(os.environ) == environment_before
    assert current() == Context()


@pytest.mark.django_db(transaction=True)
def test_on_a_database_that_is_not_migrated_it_says_what_to_do() -> None:
    done = manage("create_api_key", *KEY, **environment("postgres"))

    assert done.returncode == 1
    assert "run manage.py migrate first" in done.stderr
