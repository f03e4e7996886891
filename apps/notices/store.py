"""Adding many notices in one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection

from apps.notices.models import Notice
from apps.trail.payloads import plain

# bulk_create binds the blocks as an array of JSON texts, whose quoting alone costs as much as all the rest; as one
# document the rows cost a third of it, and the keys of those that were new come back.
ADD = """
INSERT INTO {table} ({columns})
SELECT {columns} FROM jsonb_to_recordset(%s::jsonb) AS given ({types})
ON CONFLICT DO NOTHING
RETURNING {key}, event_id, recipient, kind
"""


def add(notices: Sequence[Notice]) -> list[Notice]:
    """Those of the notices that were not owed yet, now stored and with their keys."""
    if not notices:
        return []
    options = Notice._meta
    fields = [field for field in options.concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    statement = ADD.format(
        table=quote(options.db_table),
        columns=", ".join(quote(str(field.column)) for field in fields),
        types=", ".join(f"{quote(str(field.column))} {field.db_type(connection)}" for field in fields),
        key=quote(str(options.pk.column)),
    )
    rows = [{str(field.column): getattr(notice, field.attname) for field in fields} for notice in notices]
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, default=plain)])
        added = {(event_id, recipient, kind): key for key, event_id, recipient, kind in cursor.fetchall()}
    fresh = []
    for notice in notices:
        key = added.pop((notice.event_id, notice.recipient, str(notice.kind)), None)
        if key is not None:
            notice.pk, notice._state.adding = key, False
            fresh.append(notice)
    return fresh
