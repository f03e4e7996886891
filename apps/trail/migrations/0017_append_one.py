"""Appending one event without a document to take apart, which is what most changes record."""

from django.db import migrations

# As trail_append does, but one event of its own values. `cluster` is whose events these are, as the connection asked
# once: trail_current_epoch() reads a file of the server each time. Up to two streams need no sorting of their locks.
APPEND_ONE = """
CREATE FUNCTION trail_append_one(
    cluster bigint, id uuid, type text, version integer, payload jsonb, about text[], actor_kind text, actor_id text,
    actor_label text, correlation_id uuid, causation_id uuid, metadata jsonb, occurred_at timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    one integer := hashtext(about[1]) & 255;
    other integer := hashtext(about[2]) & 255;
    place bigint;
    since integer;
BEGIN
    IF cardinality(about) > 2 THEN
        RAISE EXCEPTION 'One event is appended so on at most two streams.';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7112027, least(one, other)),
            pg_advisory_xact_lock_shared(7112027, greatest(one, other));
    LOOP
        INSERT INTO trail_storedevent (id, epoch, transaction, type, version, payload, about, actor_kind, actor_id,
                                       actor_label, correlation_id, causation_id, metadata, occurred_at)
        SELECT id, number, pg_current_xact_id()::text::bigint, type, version, payload, about, actor_kind, actor_id,
               actor_label, correlation_id, causation_id, metadata, occurred_at
        FROM trail_epoch WHERE system_identifier = cluster
        RETURNING position, epoch INTO place, since;
        EXIT WHEN FOUND;
        -- The first event in this cluster begins its epoch.
        PERFORM trail_current_epoch();
        cluster := (SELECT system_identifier FROM pg_control_system());
    END LOOP;
    INSERT INTO trail_link (stream, epoch, transaction, position)
    SELECT stream, since, pg_current_xact_id()::text::bigint, place FROM unnest(about) AS stream;
    RETURN place;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0016_seal_of_an_event")]
    operations = [
        migrations.RunSQL(
            APPEND_ONE,
            "DROP FUNCTION trail_append_one(bigint, uuid, text, integer, jsonb, text[], text, text, text, uuid, uuid,"
            " jsonb, timestamptz)",
        ),
    ]
