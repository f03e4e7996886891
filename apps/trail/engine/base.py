"""A connection on which a statement can wait for the commit and travel with it (docs/decisions/0011)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import debug_transaction
from psycopg.pq import Escaping

CLUSTER = "SELECT system_identifier FROM pg_control_system()"
# What waits belongs to the transaction, not to the savepoint: one that is released needs no answer yet.
RELEASE, BACK = "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT"


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, on which what nobody asks about yet is sent with whatever is said next, or with the COMMIT.

    A statement waits only within a transaction and never behind another one: the next statement, a savepoint too,
    sends it first. So what is done and in which order is as if it had been sent at once; only its failure may show
    later, and still undoes the transaction.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._waiting: list[tuple[bytes, Callable[[Any], None]]] = []
        self._counting = False
        super().__init__(*args, **kwargs)
        self._cluster: int | None = None

    def wait(self, statement: bytes, told: Callable[[Any], None]) -> None:
        """The statement is sent at the latest with the COMMIT; `told` hears the one value that it answers."""
        if not self._waiting:
            # The outermost of all: what was there before is taken away again from the other end.
            self.execute_wrappers.insert(0, self._first_what_waits)
        self._waiting.append((statement, told))
        if not self.in_atomic_block:
            self.send_waiting()

    def send_waiting(self) -> None:
        """Nothing waits any more."""
        if self._waiting:
            said = b"; ".join(statement for statement, _ in self._waiting)
            with debug_transaction(self, said.decode()), self.wrap_database_errors:
                self._send()

    def cluster(self) -> int:
        """The identifier of the server's cluster, asked once a connection."""
        if self._cluster is None:
            self.ensure_connection()
            with self.wrap_database_errors:
                [self._cluster] = self.connection.execute(CLUSTER).fetchone()
        return self._cluster

    def literals(self) -> Callable[[bytes], bytes]:
        """What makes a text without zero bytes a literal of a statement."""
        if self.connection is None:
            self.ensure_connection()
        return Escaping(self.connection.pgconn).escape_literal

    @property
    def force_debug_cursor(self) -> bool:
        """Whether statements are counted; who begins to count does not count what waited before."""
        return self._counting

    @force_debug_cursor.setter
    def force_debug_cursor(self, counting: bool) -> None:
        if counting and not self._counting:
            self.send_waiting()
        self._counting = counting

    def init_connection_state(self) -> None:
        super().init_connection_state()
        # A row with what it refers to is joined as it is written. Trying every other order of nine tables took
        # PostgreSQL seven milliseconds, and reading the row less than one.
        self.connection.execute("SET join_collapse_limit = 4")

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._cluster = None
        return super().get_new_connection(conn_params)

    def _first_what_waits(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        said = sql if isinstance(sql, str) else ""
        if said.startswith(BACK):
            # All that waits was said since: making the savepoint sent what was said before.
            self._forget()
        elif not said.startswith(RELEASE) and not self.needs_rollback:
            self.send_waiting()
        return execute(sql, params, many, context)

    def _send(self, and_then: bytes = b"") -> None:
        waiting = self._forget()
        statements = [statement for statement, _ in waiting]
        with self.connection.cursor() as cursor:
            # One message, and one answer.
            cursor.execute(b"; ".join([*statements, and_then] if and_then else statements))
            for _, told in waiting:
                [value] = cursor.fetchone()
                told(value)
                cursor.nextset()

    def _forget(self) -> list[tuple[bytes, Callable[[Any], None]]]:
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.execute_wrappers.remove(self._first_what_waits)
        return waiting

    def _commit(self) -> None:
        if not self._waiting or self.connection is None:
            super()._commit()  # type: ignore[misc]
            return
        with debug_transaction(self, "COMMIT"), self.wrap_database_errors:
            self._send(b"COMMIT")

    def _rollback(self) -> None:
        self._forget()
        super()._rollback()  # type: ignore[misc]

    def _close(self) -> None:
        self._forget()
        super()._close()  # type: ignore[misc]
