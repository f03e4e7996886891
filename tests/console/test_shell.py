"""`manage.py shell` as people run it: at a terminal, with -c, and with a script."""

from __future__ import annotations

import signal

import pytest
from django_q.models import OrmQ

from apps.people.models import Agent, Plan
from apps.trail.models import StoredEvent
from tests import make
from tests.console.running import ISSUE, Terminal, manage
from tests.ground.working import environment

pytestmark = pytest.mark.django_db(transaction=True)

ADVICE = "Open it again with --as"
OPEN = "ConsoleOpened"
PUBLISH = "trail.publish('VatRateCorrected', data={'from': 0, 'to': 19}, about=['product:7'])"


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana", last_name="Torres")


def as_ana(*more: str) -> tuple[str, ...]:
    return ("shell", "-v0", "--as", "ana@example.com", "--for", ISSUE, *more)


def one(type: str) -> StoredEvent:
    return StoredEvent.objects.get(type=type)


def test_what_a_script_changes_names_the_session_the_person_and_the_issue(ana: Agent) -> None:
    done = manage(*as_ana("-c", PUBLISH))

    assert done.returncode == 0, done.stderr
    opened, changed = one(OPEN), one("VatRateCorrected")
    assert changed.payload == {"from": 0, "to": 19}
    assert changed.about == ["product:7"]
    assert changed.causation_id == opened.event_id
    assert changed.correlation_id == opened.correlation_id
    assert (changed.actor_kind, changed.actor_id, changed.actor_label) == ("console", str(ana.pk), "Ana Torres")
    assert changed.metadata == {"issue": ISSUE}


def test_the_session_is_an_event_with_its_code_person_issue_and_machine(ana: Agent) -> None:
    manage(*as_ana("-c", PUBLISH), SUDO_USER="atorres")

    opened = one(OPEN)
    assert opened.about == ["console", f"agent:{ana.pk}", f"issue:{ISSUE}"]
    assert opened.payload["code"] == PUBLISH
    assert opened.payload["os_user"] == "atorres"
    assert opened.payload["person"] == "Ana Torres"
    assert opened.sentence == f"A script was run in the console on {opened.payload['host']} for {ISSUE}"
    assert (opened.actor_kind, opened.metadata) == ("console", {"issue": ISSUE})
    closed = one("ConsoleClosed")
    assert (closed.payload["events"], closed.payload["error"]) == (1, "")
    assert closed.causation_id == opened.event_id


def test_a_script_that_fails_is_closed_with_its_error(ana: Agent) -> None:
    done = manage(*as_ana("-c", "1 / 0"))

    assert done.returncode == 1
    assert one("ConsoleClosed").payload["error"] == "ZeroDivisionError"


def test_a_script_on_standard_input_is_run_whole_and_never_taken_for_answers(ana: Agent) -> None:
    done = manage(*as_ana(), script="ana@example.com = 1\n".replace("ana@example.com", "who") + PUBLISH)

    assert done.returncode == 0, done.stderr
    assert one("VatRateCorrected").causation_id == one(OPEN).event_id
    assert one(OPEN).payload["code"] == f"who = 1\n{PUBLISH}"


def test_what_a_script_does_in_threads_of_its_own_is_part_of_the_session(ana: Agent) -> None:
    script = f"""
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(1) as pool:
    pool.submit(lambda: {PUBLISH}).result()
"""

    done = manage(*as_ana(), script=script)

    assert done.returncode == 0, done.stderr
    assert one("VatRateCorrected").causation_id == one(OPEN).event_id


def test_a_job_enqueued_from_the_shell_carries_the_session(ana: Agent) -> None:
    done = manage(*as_ana("-c", "from apps.trail.later import enqueue; enqueue('apps.trail.jobs.follow')"))

    assert done.returncode == 0, done.stderr
    packed = OrmQ.objects.get().task["context"]
    assert packed["cause"] == str(one(OPEN).event_id)
    assert packed["actor"] == ["console", str(ana.pk), "Ana Torres"]
    assert packed["metadata"] == {"issue": ISSUE}


def test_a_transaction_left_open_is_over_and_the_end_is_recorded(ana: Agent) -> None:
    script = """
from django.db import transaction

transaction.set_autocommit(False)
Plan.objects.create(slug="x", name="X")
"""

    done = manage(*as_ana("-c", script))

    assert done.returncode == 0, done.stderr
    assert not Plan.objects.exists()
    assert one("ConsoleClosed").payload["error"] == ""


@pytest.mark.parametrize(
    "write",
    [
        "Plan.objects.create(slug='x', name='X')",
        "Plan.objects.update(name='X')",
        "from django.db import connection; connection.cursor().execute('DELETE FROM people_plan')",
        PUBLISH,
        "from apps.trail.later import enqueue; enqueue('apps.trail.jobs.follow')",
        "from django.db import connections; connections.close_all(); Plan.objects.update(name='X')",
    ],
)
def test_without_a_person_nothing_is_written_and_the_refusal_says_what_to_do(write: str) -> None:
    Plan.objects.create(slug="enterprise", name="Enterprise")
    before = StoredEvent.objects.count()

    done = manage("shell", "-v0", "-c", write)

    assert done.returncode == 1
    assert ADVICE in done.stderr
    assert [plan.name for plan in Plan.objects.all()] == ["Enterprise"]
    assert not OrmQ.objects.exists()
    assert StoredEvent.objects.count() == before


def test_without_a_person_threads_and_programs_it_starts_write_neither() -> None:
    script = """
import os, subprocess, sys, threading
from django.db import InternalError
import psycopg

def write():
    try:
        Plan.objects.create(slug="x", name="X")
    except InternalError as refusal:
        print(refusal)

thread = threading.Thread(target=write)
thread.start()
thread.join()
from django.db import connection
at = connection.get_connection_params()
own = psycopg.connect(host=at["host"], port=at["port"], user=at["user"], dbname=at["dbname"], autocommit=True)
try:
    own.execute("INSERT INTO people_plan (slug, name, position) VALUES ('y', 'Y', 1)")
except psycopg.errors.ReadOnlySqlTransaction:
    print("refused as well")
"""

    done = manage("shell", "-v0", script=script)

    assert done.returncode == 0, done.stderr
    assert ADVICE in done.stdout
    assert "refused as well" in done.stdout
    assert not Plan.objects.exists()


def test_without_a_person_one_can_still_look() -> None:
    Plan.objects.create(slug="enterprise", name="Enterprise")

    done = manage("shell", "-v0", script="print(Plan.objects.get())")

    assert (done.returncode, done.stdout) == (0, "Enterprise\n")


def test_a_job_is_not_enqueued_elsewhere_by_who_only_looks() -> None:
    script = """
from django_q.tasks import async_task

class Elsewhere:
    def enqueue(self, task):
        print("told")

async_task("apps.trail.jobs.follow", broker=Elsewhere())
"""

    done = manage("shell", "-v0", script=script)

    assert done.returncode == 1
    assert "OnlyLooking: Nothing was changed" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("--as", "nobody@example.com", "--for", ISSUE),
            "Nobody who may open the portal is called “nobody@example.com”",
        ),
        (("--as", "gone@example.com", "--for", ISSUE), "Nobody who may open the portal is called “gone@example.com”"),
        (("--as", "ana@example.com", "--for", "4711"), "“4711” is no issue's address"),
        (("--as", "ana@example.com"), "Say which issue you work on as well"),
        (("--for", ISSUE), "Say who you are as well"),
    ],
)
def test_a_wrong_or_half_an_answer_stops_a_script(ana: Agent, given: tuple[str, ...], said: str) -> None:
    make.agent("Gone", is_active=False)

    done = manage("shell", "-v0", *given, "-c", "print('went on')")

    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


def test_at_a_terminal_it_asks_who_and_which_issue_until_they_are_known(ana: Agent) -> None:
    with Terminal("shell", "-v0", SUDO_USER="somebody") as terminal:
        terminal.wait_for("Who are you? ")
        terminal.type("nobody@example.com")
        terminal.wait_for("Nobody who may open the portal is called “nobody@example.com”")
        terminal.wait_for("Who are you? ")
        terminal.type("ana@example.com")
        terminal.wait_for("Which issue do you work on? Its address: ")
        terminal.type("4711")
        terminal.wait_for("is no issue's address")
        terminal.type(ISSUE)
        terminal.wait_for(f"On the trail as Ana Torres, for {ISSUE}: ")
        terminal.wait_for(">>> ")
        terminal.type(PUBLISH)
        terminal.wait_for(">>> ")
        terminal.end_of_input()

        assert terminal.ended() == 0

    assert one("VatRateCorrected").causation_id == one(OPEN).event_id
    assert one(OPEN).payload["code"] == ""
    assert one("ConsoleClosed").payload["events"] == 1


def test_enter_takes_the_person_that_the_account_suggests(ana: Agent) -> None:
    with Terminal("shell", "-v0", SUDO_USER="ana") as terminal:
        terminal.wait_for("Who are you? [ana@example.com] ")
        terminal.type("")
        terminal.wait_for("Which issue")
        terminal.type(ISSUE)
        terminal.wait_for("On the trail as Ana Torres")


@pytest.mark.parametrize("answer", ["\n", "\x04"], ids=["Enter", "Ctrl-D"])
def test_at_a_terminal_without_an_answer_it_only_looks(ana: Agent, answer: str) -> None:
    before = StoredEvent.objects.count()

    with Terminal("shell", "-v0", SUDO_USER="somebody") as terminal:
        terminal.wait_for("Who are you? ")
        terminal.type("ana@example.com")
        terminal.wait_for("Its address: ")
        terminal.type(answer) if answer == "\n" else terminal.end_of_input()
        terminal.wait_for("You only look")
        terminal.wait_for("(only looking) >>> ")
        terminal.type("Plan.objects.create(slug='x', name='X')")
        terminal.wait_for(ADVICE)
        terminal.type("exit()")

        assert terminal.ended() == 0

    assert not Plan.objects.exists()
    assert StoredEvent.objects.count() == before


def test_a_terminal_that_is_closed_closes_the_session(ana: Agent) -> None:
    with Terminal(*as_ana()) as terminal:
        terminal.wait_for(">>> ")
        terminal.process.send_signal(signal.SIGHUP)
        # A terminal that is gone ends the waiting for a line, too, which a signal just before it does not.
        terminal.type("")
        terminal.ended()

    assert one("ConsoleClosed").payload["error"] == "SystemExit"


def test_postgresql_shows_who_is_at_the_console(ana: Agent) -> None:
    script = """
from django.db import connection

with connection.cursor() as cursor:
    cursor.execute("SHOW application_name")
    print(cursor.fetchone()[0])
"""

    assert manage(*as_ana(), script=script).stdout == "supportops shell ana@example.com\n"
    assert manage("shell", "-v0", script=script).stdout == "supportops shell\n"


def test_where_a_pooler_drops_what_postgresql_is_told_nothing_is_even_asked() -> None:
    Plan.objects.create(slug="enterprise", name="Enterprise")
    script = """
import os
from django.db import connections

connections.settings["default"]["OPTIONS"].pop("options")
os.environ.pop("PGOPTIONS")
connections.close_all()
Plan.objects.update(name="X")
"""

    done = manage("shell", "-v0", script=script)

    assert "whatever pools the connections must pass their options on" in done.stderr
    assert Plan.objects.get().name == "Enterprise"


def test_what_is_begun_with_nohup_outlives_its_terminal(ana: Agent) -> None:
    script = f"import os, signal\nos.kill(os.getpid(), signal.SIGHUP)\n{PUBLISH}"

    done = manage(*as_ana(), script=script, ignoring=signal.SIGHUP)

    assert done.returncode == 0, done.stderr
    assert one("ConsoleClosed").payload["events"] == 1


def test_bytes_that_are_no_text_are_kept_as_question_marks(ana: Agent) -> None:
    manage(*as_ana("-c", "print('ok') # \udcff"))

    assert one(OPEN).payload["code"] == "print('ok') # ?"
    assert one("ConsoleClosed").payload["error"] == "UnicodeEncodeError"


def test_of_a_long_script_the_beginning_is_kept(ana: Agent) -> None:
    manage(*as_ana(), script="x = 1\n" * 10_000)

    assert len(one(OPEN).payload["code"]) == 20_000


def test_it_opens_for_looking_where_nobody_can_be_looked_up() -> None:
    with Terminal("shell", "-v0", **environment("postgres")) as terminal:
        terminal.wait_for("Who you are cannot be looked up: ")
        terminal.wait_for("(only looking) >>> ")
