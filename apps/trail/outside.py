"""Changes made beside the application: each table people or services manage is watched by the database itself.

At the commit the database looks for an event on the changed row's stream that was recorded in the same transaction.
Where there is none nobody told the trail, so the database does, as `ChangedOutside`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.utils.text import capfirst

from apps.trail.managed import NOISE, SECRET

# SECURITY DEFINER: who may change the table but not write on the trail is told of too. A path of its own: a table of
# the session's called like the trail's would say whatever the session likes. No sequential scan: a session keeps its
# plans, and one that was made while the tables were empty would grow slow with them.
FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $watch$
DECLARE
    stream_new text;
    stream_old text;
    total bigint;
    zone text;
    style text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT count(*) FROM %I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO total;
        PERFORM trail_outside({model}, {noun}, 'truncate', NULL, NULL, NULL, NULL, {secret}, ARRAY[{table}], total);
        RETURN NULL;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        stream_new := {stream_new};
    END IF;
    IF TG_OP = 'DELETE'{moved} THEN
        stream_old := {stream_old};
    END IF;
    -- Without a stream its owner is gone as well, and the owner's end tells of it.
    IF coalesce(stream_new, stream_old) IS NULL OR trail_told(stream_new) OR trail_told(stream_old){also} THEN
        RETURN NULL;
    END IF;
    -- Times and durations as everywhere on the trail, whatever the session likes.
    zone := current_setting('TimeZone');
    style := current_setting('IntervalStyle');
    PERFORM set_config('TimeZone', 'UTC', true), set_config('IntervalStyle', 'iso_8601', true);
    PERFORM trail_outside(
        {model}, {noun}, lower(TG_OP), to_jsonb(OLD) - {ignored}, to_jsonb(NEW) - {ignored},
        coalesce(to_jsonb(NEW), to_jsonb(OLD)) ->> {key},
        CASE TG_OP WHEN 'DELETE' THEN {label_old} ELSE {label_new} END,
        {secret}, array_remove(ARRAY[stream_new, nullif(stream_old, stream_new)], NULL), 1
    );
    PERFORM set_config('TimeZone', zone, true), set_config('IntervalStyle', style, true);
    RETURN NULL;
END $watch$
"""
TRIGGERS = """
CREATE CONSTRAINT TRIGGER trail_watch_rows AFTER INSERT OR DELETE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}();
CREATE CONSTRAINT TRIGGER trail_watch_changes AFTER UPDATE ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION {name}();
CREATE TRIGGER trail_watch_all BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER trail_watch_rows;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER trail_watch_changes;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER trail_watch_all;
"""
UNWATCHED = """
DROP TRIGGER IF EXISTS trail_watch_rows ON {table};
DROP TRIGGER IF EXISTS trail_watch_changes ON {table};
DROP TRIGGER IF EXISTS trail_watch_all ON {table};
"""
TRIGGER_NAMES = frozenset({"trail_watch_rows", "trail_watch_changes", "trail_watch_all"})


class WatchTable(Operation):
    """A table's changes are on the trail whoever makes them: `WatchTable("people.Plan")` in its app's migration.

    `stream` is what the services' events about a row are about, `label` what the row is called, `also` further streams
    whose events explain that a row went or lost something: each an expression of SQL in which {row} stands for the row.
    What is not editable, and the columns in `ignore`, are the portal's own bookkeeping and count as no change.
    The same operation once more, with other words, takes the place of the former.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        model: str,
        *,
        stream: str = "",
        label: str = "",
        noun: str = "",
        ignore: Sequence[str] = (),
        also: Sequence[str] = (),
    ) -> None:
        self.model, self.stream, self.label, self.noun = model, stream, label, noun
        self.ignore, self.also = tuple(ignore), tuple(also)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of the models changes."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT quote_ident(current_schema())")
            [schema] = cursor.fetchone()
        meta = _model_of(self.model, to_state)._meta
        for statement in self._statements(meta, schema_editor, schema):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        # Going back, the state before is `to_state`; the table is known in both.
        meta = _model_of(self.model, from_state)._meta
        table = schema_editor.quote_name(meta.db_table)
        schema_editor.execute(UNWATCHED.format(table=table), params=None)
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {_function(meta, schema_editor)}()", params=None)

    def describe(self) -> str:
        return f"Watch {self.model} for changes outside the application"

    @property
    def migration_name_fragment(self) -> str:
        return "watched"

    def _statements(self, meta: Any, editor: Any, schema: str) -> list[str]:
        text, table = editor.quote_value, editor.quote_name(meta.db_table)
        stream = self.stream or f"'{meta.model_name}:' || {{row}}.{meta.pk.column}"
        label = self.label or f"{{row}}.{meta.pk.column}::text"
        ignored = f"ARRAY[{', '.join(text(name) for name in sorted(self._ignored(meta)))}]::text[]"
        secret = f"ARRAY[{', '.join(text(name) for name in sorted(SECRET))}]"
        reads = sorted(set(re.findall(r"\{row\}\.(\w+)", stream)))
        kept = self._ignored(meta) & {field.column for field in meta.concrete_fields if not _generated(field)}
        name = _function(meta, editor)
        function = FUNCTION.format(
            name=name,
            schema=schema,
            table=text(f"table:{meta.db_table}"),
            model=text(meta.label_lower),
            noun=text(self.noun or str(capfirst(meta.verbose_name))),
            key=text(meta.pk.column),
            stream_new=f"({_of('NEW', stream)})",
            stream_old=f"({_of('OLD', stream)})",
            moved="".join(f" OR TG_OP = 'UPDATE' AND OLD.{name} IS DISTINCT FROM NEW.{name}" for name in reads),
            label_new=f"({_of('NEW', label)})",
            label_old=f"({_of('OLD', label)})",
            also="".join(f" OR trail_told({_of('OLD', one)})" for one in self.also),
            ignored=ignored,
            secret=secret,
        )
        # By whole rows, so that no column of the table is bound to the trigger.
        differs = "OLD.* IS DISTINCT FROM NEW.*"
        if kept:
            differs = f"to_jsonb(OLD.*) - {ignored} IS DISTINCT FROM to_jsonb(NEW.*) - {ignored}"
        return [
            function,
            UNWATCHED.format(table=table),
            TRIGGERS.format(table=table, name=name, differs=differs),
        ]

    def _ignored(self, meta: Any) -> set[str]:
        unedited = {field.column for field in meta.concrete_fields if not field.editable and not field.primary_key}
        noise = {field.column for field in meta.concrete_fields if field.name in NOISE}
        generated = {field.column for field in meta.concrete_fields if _generated(field)}
        return unedited | noise | generated | set(self.ignore)


def _model_of(label: str, state: ProjectState) -> type[models.Model]:
    # The table of a relation is called "people.Team.members".
    app, name, *relation = label.split(".")
    model: Any = state.apps.get_model(app, name)
    if relation:
        model = model._meta.get_field(relation[0]).remote_field.through
    found: type[models.Model] = model
    return found


def _function(meta: Any, editor: BaseDatabaseSchemaEditor) -> str:
    return editor.quote_name(f"trail_watch_{meta.db_table}"[:63])


def _of(row: str, expression: str) -> str:
    return expression.replace("{row}", row)


def _generated(field: models.Field[Any, Any]) -> bool:
    return bool(getattr(field, "generated", False))
