"""How the database is emptied after a test whose transactions are real: quickly, and to what it was before.

Django's `flush` truncates every table, most of which hold nothing, and makes every content type and permission anew:
a fifth of a second, several hundred times. This one deletes the few rows there are, and leaves those two alone.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.core.management import BaseCommand, get_commands
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.incidents.models import Severity

# Made from the code when the database is migrated, and the same for every test.
MADE = ("django_content_type", "auth_permission", "incidents_severity")
# Those of the roles, made once as well; tests may add some and change these.
GROUPS = ("auth_group", "auth_group_permissions")


class Empty(BaseCommand):
    """Stands in for `flush` in this process."""

    help = "Empties the test database."
    requires_system_checks: list[str] = []
    stealth_options = ("allow_cascade", "database", "inhibit_post_migrate", "interactive", "reset_sequences")

    def __init__(self) -> None:
        super().__init__()
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        self.tables = [table for table in tables if table not in (*MADE, *GROUPS)]
        self.made = counted()
        self.severities = severities()
        self.groups = groups()

    def handle(self, **options: Any) -> None:
        assert counted() == self.made, f"{' or '.join(MADE)} was changed; the tests after this one would miss it."
        with transaction.atomic(), connection.cursor() as cursor:
            # Whoever still writes is waited for; then nobody adds a row between the look and the end.
            cursor.execute(f"LOCK TABLE {', '.join(self.tables)} IN ACCESS EXCLUSIVE MODE")
            self.restore(cursor)
            looks = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in self.tables)
            cursor.execute(" UNION ALL ".join(looks))
            filled = [table for [table] in cursor.fetchall()]
            anew = self.roles_anew() if groups() != self.groups else []
            # The trail's tables let no row be deleted, whoever asks.
            own = [table for table in filled if table.startswith("trail_")]
            if may_delete(cursor):
                delete(cursor, [table for table in filled if table not in own], anew)
            elif filled or anew:
                told = ["SET CONSTRAINTS ALL IMMEDIATE"]
                own = [table for table in self.tables if table.startswith("trail_")]
                cursor.execute("; ".join([f"TRUNCATE {', '.join([*filled, *own])} CASCADE", *anew, *told]))
            if own:
                cursor.execute(f"TRUNCATE {', '.join(own)} CASCADE")

    def restore(self, cursor: CursorWrapper) -> None:
        """What the severities mean is as it was, whatever a test called them."""
        for key, fields in severities().items():
            if fields != self.severities[key]:
                Severity.objects.filter(pk=key).update(**self.severities[key])
        # What the trail is told of that goes with the rest of the trail.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def roles_anew(self) -> list[str]:
        """The statements that make the roles' groups what they were."""
        kept = ", ".join(f"({pk}, '{name}')" for pk, name in self.groups)
        may = ", ".join(f"({pk}, {permission})" for (pk, _), held in self.groups.items() for permission in held)
        return [
            f"DELETE FROM {GROUPS[1]}",
            f"DELETE FROM {GROUPS[0]}",
            f"INSERT INTO {GROUPS[0]} (id, name) VALUES {kept}",
            f"INSERT INTO {GROUPS[1]} (group_id, permission_id) VALUES {may}",
        ]


def severities() -> dict[int, dict[str, Any]]:
    """Every row of the table, by its key."""
    return {row.pop("id"): row for row in Severity.objects.values()}


def groups() -> dict[tuple[int, str], set[int]]:
    """Every group by its key and name, with the keys of its permissions."""
    found: dict[tuple[int, str], set[int]] = {}
    for pk, name, permission in Group.objects.values_list("pk", "name", "permissions"):
        found.setdefault((pk, name), set()).add(permission)
    return found


def may_delete(cursor: CursorWrapper) -> bool:
    """Whether this account may set foreign keys aside; where it may not, all is truncated."""
    cursor.execute("SHOW is_superuser")
    return bool(cursor.fetchone() == ("on",))


def delete(cursor: CursorWrapper, tables: list[str], anew: list[str]) -> None:
    """No row is left in `tables`, the groups are made `anew`, and no trigger told the trail so."""
    cursor.execute(
        "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE tgenabled = 'A' AND relname = ANY (%s)",
        [[*tables, *(GROUPS if anew else ())]],
    )
    watching = cursor.fetchall()
    statements = ["SET LOCAL session_replication_role = replica"]
    statements += [f"ALTER TABLE {table} DISABLE TRIGGER {trigger}" for table, trigger in watching]
    statements += [f"DELETE FROM {table}" for table in tables] + anew
    statements += [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}" for table, trigger in watching]
    cursor.execute("; ".join(statements))


def counted() -> list[int]:
    """How many rows the tables that stay have."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'(SELECT count(*) FROM {table})' for table in MADE)}")
        return list(cursor.fetchone())


def install() -> None:
    """From now on Django's own clearing-up uses it."""
    get_commands()["flush"] = Empty()
