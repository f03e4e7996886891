"""The embedded PostgreSQL, with real processes that start, use, kill and leave it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from supportops.postgres import binaries, processes
from supportops.postgres.errors import EmbeddedPostgresError
from supportops.postgres.keeper import LARGEST_LOG, LINGER, LOOK
from supportops.postgres.place import Place, home

from .conftest import NOBODY, House, until

STARTED = "sql SELECT pg_postmaster_start_time()"
KEEP = "sql DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 42 AS answer"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")

DJANGO = """
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from supportops.postgres.config import database_settings
settings.configure(DATABASES={"default": database_settings()}, INSTALLED_APPS=["django.contrib.contenttypes"])
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


def manage(house: House, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DJANGO, *command], env=house.all_environment(), capture_output=True, text=True
    )


def refuse_namespaces(house: House) -> None:
    """`unshare` fails, as it does in most containers."""
    folder = house.root / "bin"
    folder.mkdir()
    stand_in = folder / "unshare"
    stand_in.write_text("#!/bin/sh\nexit 1\n")
    stand_in.chmod(0o755)
    house.environment["PATH"] = f"{folder}:{os.environ['PATH']}"


def test_the_first_use_starts_it(new_house: House) -> None:
    answer = new_house.user().ask("sql SELECT current_database()")

    assert answer == "supportops"


def test_a_second_use_finds_it_running(house: House) -> None:
    started = house.user().ask(STARTED)

    again = house.user().ask(STARTED)

    assert again == started


def test_eight_first_uses_at_once_start_one_server(new_house: House) -> None:
    users = [new_house.user() for _ in range(8)]

    for user in users:
        user.tell(STARTED)
    answers = {user.answer() for user in users}

    assert len(answers) == 1
    assert "ed:" not in answers.pop()
    assert len(new_house.keepers()) == len(new_house.postmasters()) == 1


def test_it_stops_soon_after_its_last_user(house: House) -> None:
    user = house.opened()

    user.leave()

    until(house.is_empty, seconds=LINGER + 2)
    assert "database system is shut down" in house.place.server_log.read_text()


def test_it_stays_for_a_user_that_has_closed_its_connections(house: House) -> None:
    idle = house.user()
    started = idle.ask(STARTED)
    house.opened().leave()

    time.sleep(LINGER + 3 * LOOK)

    assert house.postmasters() == [house.postmaster()]
    assert idle.ask(STARTED) == started


def test_a_user_that_comes_while_it_lingers_finds_it_running(house: House) -> None:
    first = house.user()
    started = first.ask(STARTED)
    first.leave()

    time.sleep(LINGER / 2)

    assert house.user().ask(STARTED) == started


def test_a_user_that_comes_while_it_stops_gets_a_new_one(house: House) -> None:
    first = house.user()
    started = first.ask(STARTED)
    late = house.user()
    first.leave()
    until(lambda: "received fast shutdown request" in house.place.server_log.read_text())

    again = late.ask(STARTED)

    assert "ed:" not in again
    assert again != started


def test_a_killed_user_leaves_nothing(house: House) -> None:
    user = house.opened()

    user.kill()

    until(house.is_empty, seconds=LINGER + 2)


def test_ctrl_c_in_the_terminal_leaves_nothing(house: House) -> None:
    user = house.opened()

    os.killpg(user.process.pid, signal.SIGINT)
    user.leave()

    until(house.is_empty, seconds=LINGER + 2)
    assert "database system is shut down" in house.place.server_log.read_text()


def test_a_fork_holds_it_after_its_parent_was_killed(house: House) -> None:
    parent = house.opened()
    fork = int(parent.ask("fork"))

    parent.kill()
    time.sleep(LINGER + 3 * LOOK)
    held = house.postmasters()
    os.kill(fork, signal.SIGKILL)

    assert held == [house.postmaster()]


def test_a_user_whose_handles_were_closed_takes_hold_again(house: House) -> None:
    user = house.opened()
    user.ask("close-all-handles")

    user.ask("open")
    time.sleep(LINGER + 3 * LOOK)

    assert house.postmasters() == [house.postmaster()]


def test_the_server_outlives_a_killed_keeper_and_is_adopted(house: House) -> None:
    user = house.user()
    started = user.ask(STARTED)
    house.kill(*house.keepers())

    after = user.ask(STARTED)

    assert after == started
    assert len(house.keepers()) == 1


def test_an_adopted_server_stops_with_its_last_user(house: House) -> None:
    user = house.opened()
    house.kill(*house.keepers())
    user.ask("open")

    user.leave()

    until(house.is_empty, seconds=LINGER + 2)


def test_an_orphan_that_nobody_can_reach_is_replaced(house: House) -> None:
    user = house.user()
    started = user.ask(STARTED)
    house.kill(*house.keepers())
    house.place.socket.unlink()

    after = user.ask(STARTED)

    assert "ed:" not in after
    assert after != started
    assert len(house.postmasters()) == 1


def test_a_killed_postmaster_comes_back_with_its_data(house: House) -> None:
    user = house.user()
    user.ask(KEEP)
    house.kill(house.postmaster())
    killed_at = time.monotonic()

    answer = user.ask("sql SELECT answer FROM kept")

    assert answer == "42"
    assert time.monotonic() - killed_at < 5


def test_keeper_and_postmaster_killed_together_come_back(house: House) -> None:
    user = house.user()
    user.ask(KEEP)
    house.kill(*house.keepers())
    house.kill(house.postmaster())

    answer = user.ask("sql SELECT answer FROM kept")

    assert answer == "42"


def test_a_reused_process_number_is_neither_adopted_nor_killed(house: House) -> None:
    user = house.user()
    started = user.ask(STARTED)
    house.kill(*house.keepers())
    house.kill(house.postmaster())
    stranger = subprocess.Popen(["sleep", "60"])
    for file in (house.place.data / "postmaster.pid", house.place.socket.with_name(".s.PGSQL.5432.lock")):
        lines = file.read_text().split("\n")
        file.write_text("\n".join([str(stranger.pid), *lines[1:]]))

    after = user.ask(STARTED)
    user.leave()
    house.stop()
    lives = stranger.poll() is None
    stranger.kill()
    stranger.wait()

    assert "ed:" not in after
    assert after != started
    assert lives


def test_a_postmaster_is_known_without_proc(house: House, tmp_path: Path) -> None:
    house.opened()
    stranger, nothing = os.getpid(), tmp_path / "proc"

    assert processes.is_postmaster(house.postmaster(), house.place.data, proc=nothing)
    assert not processes.is_postmaster(stranger, house.place.data, proc=nothing)


def test_a_told_keeper_stops_the_server_and_the_next_use_starts_it(house: House) -> None:
    user = house.user()
    started = user.ask(STARTED)
    os.kill(house.keepers()[0], signal.SIGTERM)
    until(house.is_empty)

    after = user.ask(STARTED)

    assert "ed:" not in after
    assert after != started


def test_what_a_killed_start_left_is_cleared(new_house: House) -> None:
    rest = new_house.place.folder / "data.new-abc"
    rest.mkdir(parents=True)
    (rest / "PG_VERSION").write_text("18\n")

    new_house.opened()

    assert not rest.exists()


def test_a_home_with_a_space_works(house: House) -> None:
    house.move(house.root / "a home of 'its' \"own\"")

    assert house.user().ask("open") == "open"


def test_a_home_too_long_for_a_socket_gets_a_short_private_folder(house: House) -> None:
    house.move(house.root / ("long" * 30))

    user = house.opened()
    mode = house.place.socket_folder.stat().st_mode
    user.leave()
    house.stop()

    assert mode & 0o777 == 0o700
    assert not house.place.socket_folder.exists()


def test_a_home_with_a_comma_works(house: House) -> None:
    house.move(house.root / "one,two")

    assert house.user().ask("sql SELECT 1") == "1"


def test_a_short_folder_open_to_others_is_refused(house: House) -> None:
    house.move(house.root / ("long" * 30))
    house.place.socket_folder.mkdir()
    house.place.socket_folder.chmod(0o777)

    answer = house.user().ask("open")
    house.place.socket_folder.rmdir()

    assert answer.startswith(f"refused: {house.place.socket_folder} is not a private folder of ours")


@as_root
def test_a_short_folder_of_somebody_else_is_refused(house: House) -> None:
    house.move(house.root / ("long" * 30))
    house.place.socket_folder.mkdir(mode=0o700)
    os.chown(house.place.socket_folder, NOBODY, NOBODY)

    answer = house.user().ask("open")
    house.place.socket_folder.rmdir()

    assert answer.startswith(f"refused: {house.place.socket_folder} is not a private folder of ours")


def test_a_moved_home_keeps_its_data(house: House) -> None:
    user = house.user()
    user.ask(KEEP)
    user.leave()
    house.stop()
    house.move(house.root / "there")

    answer = house.user().ask("sql SELECT answer FROM kept")

    assert answer == "42"


def test_a_home_of_an_unclean_stop_can_be_moved(house: House) -> None:
    user = house.user()
    user.ask(KEEP)
    house.kill(*house.keepers())
    house.kill(house.postmaster())
    user.kill()
    house.move(house.root / "there")

    answer = house.user().ask("sql SELECT answer FROM kept")

    assert answer == "42"


@as_root
def test_an_ordinary_account_runs_it(new_house: House) -> None:
    os.chown(new_house.root, NOBODY, NOBODY)

    user = new_house.user(account=NOBODY)

    assert user.ask("sql SELECT 1") == "1"
    assert new_house.place.data.stat().st_uid == NOBODY


@as_root
def test_a_home_without_write_access_is_one_sentence(new_house: House) -> None:
    answer = new_house.user(account=NOBODY).ask("open")

    assert answer == (
        f"refused: Cannot use {new_house.home} (Permission denied): "
        "name another folder with SUPPORTOPS_HOME, or a PostgreSQL of your own with DATABASE_URL."
    )


@as_root
def test_root_opens_no_folder_to_others(house: House) -> None:
    house.root.chmod(0o700)

    answer = house.user().ask("sql SELECT 1")

    assert answer == "1"
    assert house.root.stat().st_mode & 0o777 == 0o700


@as_root
def test_root_without_namespaces_runs_it_as_an_unprivileged_account(new_house: House) -> None:
    refuse_namespaces(new_house)

    answer = new_house.user().ask("sql SELECT 1")

    assert answer == "1"
    assert new_house.place.data.stat().st_uid != 0
    assert not new_house.place.data.is_symlink()


@as_root
def test_data_made_in_a_namespace_goes_on_without_one(new_house: House) -> None:
    first = new_house.user()
    first.ask(KEEP)
    first.leave()
    new_house.stop()
    refuse_namespaces(new_house)

    answer = new_house.user().ask("sql SELECT answer FROM kept")

    assert answer == "42"


@as_root
def test_an_account_that_cannot_reach_the_home_keeps_the_data_where_it_can(new_house: House) -> None:
    refuse_namespaces(new_house)
    new_house.root.chmod(0o700)

    answer = new_house.user().ask("sql SELECT 1")
    elsewhere = new_house.place.data.resolve().parent
    linked = new_house.place.data.is_symlink()
    mode = new_house.root.stat().st_mode & 0o777
    new_house.clear()
    shutil.rmtree(elsewhere)
    with suppress(OSError):  # when another home keeps its data there
        elsewhere.parent.rmdir()

    assert answer == "1"
    assert linked
    assert mode == 0o700


@as_root
def test_no_account_that_can_run_it_is_one_sentence_that_names_database_url(house: House) -> None:
    house.root.chmod(0o700)
    first = house.opened()
    first.leave()
    house.stop()
    refuse_namespaces(house)

    answer = house.user().ask("open")

    assert answer.startswith("refused: PostgreSQL does not run as root, and no other account here can run it")
    assert "DATABASE_URL" in answer


def test_options_from_the_environment_reach_the_server(house: House) -> None:
    house.environment["SUPPORTOPS_POSTGRES_OPTIONS"] += " -c work_mem=7MB"

    assert house.user().ask("sql SHOW work_mem") == "7MB"


def test_it_does_not_listen_on_the_network(house: House) -> None:
    assert house.user().ask("sql SHOW listen_addresses") == ""


def test_the_port_of_another_server_of_ours_is_ignored(house: House) -> None:
    house.environment["PGPORT"] = "6000"

    assert house.user().ask("sql SELECT 1") == "1"


def test_a_server_that_does_not_start_says_its_logs_last_word(house: House) -> None:
    house.environment["SUPPORTOPS_POSTGRES_OPTIONS"] += " shared_buffers=lots"

    answer = house.user().ask("open")

    assert answer.startswith("refused: The embedded PostgreSQL did not start")
    assert 'invalid value for parameter "shared_buffers"' in answer
    assert str(house.place.server_log) in answer


def test_a_broken_lock_is_one_sentence(new_house: House) -> None:
    new_house.place.users_lock.mkdir(parents=True)

    answer = new_house.user().ask("open")

    assert answer.startswith(f"refused: Cannot use {new_house.place.users_lock} (Is a directory)")


def test_a_log_that_grew_too_large_is_set_aside(house: House) -> None:
    house.place.server_log.write_bytes(b"x" * (LARGEST_LOG + 1))

    house.opened()

    assert house.place.server_log.stat().st_size < LARGEST_LOG


def test_a_command_that_does_not_ask_the_database_starts_nothing(new_house: House) -> None:
    checked = manage(new_house, "check")

    assert checked.returncode == 0, checked.stderr
    assert not new_house.home.exists()


def test_a_command_that_asks_the_database_starts_it(house: House) -> None:
    migrated = manage(house, "migrate", "contenttypes")

    assert migrated.returncode == 0, migrated.stderr
    assert "Applying contenttypes.0001_initial... OK" in migrated.stdout


def test_django_sees_a_database_that_cannot_be_had_as_its_own_error(new_house: House) -> None:
    new_house.place.users_lock.mkdir(parents=True)

    migrated = manage(new_house, "migrate")

    assert migrated.stderr.splitlines()[-1].startswith("django.db.utils.OperationalError: Cannot use")


def test_dbshell_is_the_psql_that_came_with_the_server(house: House) -> None:
    shown = manage(house, "dbshell", "--", "-Atc", "SELECT 6 * 7")

    assert shown.stdout == "42\n"


def test_it_can_be_dumped_with_its_own_program(house: House) -> None:
    user = house.user()
    user.ask(KEEP)
    command = [binaries.program("pg_dump"), "-h", house.place.socket_folder, "-U", "postgres", "supportops"]

    dumped = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "CREATE TABLE public.kept" in dumped.stdout


def test_a_program_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(EmbeddedPostgresError, match="has no pg_nothing for this platform"):
        binaries.program("pg_nothing")


def test_a_relative_home_starts_at_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPPORTOPS_HOME", "somewhere")
    monkeypatch.chdir(tmp_path)

    assert home() == Path(__file__).resolve().parents[2] / "somewhere"


def test_the_socket_lies_in_the_home_when_it_fits() -> None:
    place = Place(Path("/srv/supportops"))

    assert place.socket_folder == Path("/srv/supportops/postgres/socket")
