"""Appending plans the locks of a plain event once a session, not once an event: half of what an event costs."""

from importlib import import_module

from django.db import migrations

# As 0005 wrote it, but for the branch.
APPEND = """
CREATE OR REPLACE FUNCTION trail_append(document jsonb, expected jsonb) RETURNS TABLE (event_id uuid, event_position bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    this_epoch integer := trail_current_epoch();
    this_transaction bigint := pg_current_xact_id()::text::bigint;
    moved record;
BEGIN
    -- Writers of a stream share its lock and never wait for each other. Who expects a version holds the stream alone
    -- until the commit. Streams share 256 locks, taken in order, so that a large batch fits into the lock table and
    -- two who expect something cannot wait in a circle.
    IF expected IS NULL THEN
        -- A statement of its own, whose plan is kept: with `expected` in it the session planned it for every event.
        PERFORM pg_advisory_xact_lock_shared(7112027, bucket)
        FROM (
            SELECT DISTINCT hashtext(stream) & 255 AS bucket
            FROM jsonb_array_elements(document) AS entry, jsonb_array_elements_text(entry -> 'about') AS stream
            ORDER BY 1
        ) AS buckets;
    ELSE
        PERFORM CASE WHEN alone THEN pg_advisory_xact_lock(7112027, bucket)
                     ELSE pg_advisory_xact_lock_shared(7112027, bucket) END
        FROM (
            SELECT hashtext(stream) & 255 AS bucket, coalesce(bool_or(expected ? stream), false) AS alone
            FROM (
                SELECT jsonb_array_elements_text(entry -> 'about') AS stream
                FROM jsonb_array_elements(document) AS entry
                UNION
                SELECT jsonb_object_keys(expected)
            ) AS streams
            GROUP BY 1 ORDER BY 1
        ) AS buckets;

        SELECT wanted.stream, wanted.version, found.version AS there INTO moved
        FROM jsonb_each_text(expected) AS wanted (stream, version),
             LATERAL (SELECT count(*) AS version FROM trail_link WHERE stream = wanted.stream) AS found
        WHERE found.version <> wanted.version::bigint
        ORDER BY wanted.stream LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION '% is at version %, not %.', moved.stream, moved.there, moved.version
                USING ERRCODE = 'TR001';
        END IF;
    END IF;

    RETURN QUERY
    WITH added AS (
        INSERT INTO trail_storedevent (id, epoch, transaction, type, version, payload, about, actor_kind, actor_id,
                                       actor_label, correlation_id, causation_id, metadata, occurred_at)
        SELECT id, this_epoch, this_transaction, type, version, payload, about, actor_kind, actor_id, actor_label,
               correlation_id, causation_id, metadata, occurred_at
        FROM ROWS FROM (
            jsonb_to_recordset(document) AS (
                id uuid, type text, version smallint, payload jsonb, about text[], actor_kind text, actor_id text,
                actor_label text, correlation_id uuid, causation_id uuid, metadata jsonb, occurred_at timestamptz
            )
        ) WITH ORDINALITY AS given (id, type, version, payload, about, actor_kind, actor_id, actor_label,
                                    correlation_id, causation_id, metadata, occurred_at, ordinal)
        ORDER BY ordinal
        RETURNING id, position, about
    ), linked AS (
        INSERT INTO trail_link (stream, epoch, transaction, position)
        SELECT stream, this_epoch, this_transaction, position FROM added, unnest(about) AS stream
    )
    SELECT id, position FROM added;
END $$;
"""
BEFORE = import_module("apps.trail.migrations.0005_append").APPEND


class Migration(migrations.Migration):
    dependencies = [("trail", "0011_patterns_and_told_types")]
    operations = [
        migrations.RunSQL(APPEND, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")),
    ]
