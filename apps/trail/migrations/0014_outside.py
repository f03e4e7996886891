"""What the database itself tells the trail: a change that no event of its transaction told of."""

from django.db import migrations

TOLD = """
-- Whether this very transaction recorded an event on the stream. What the database told itself covers no other change.
-- Which epoch it is, is asked only after the first: that reads a file of the server. Not a join: a session keeps
-- its plans, and one that was made while the tables were empty would read all events.
CREATE FUNCTION trail_told(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN wanted IS NOT NULL AND EXISTS (
        SELECT FROM trail_link
        WHERE stream = wanted AND transaction = pg_current_xact_id()::text::bigint
          AND epoch = (SELECT CASE WHEN max(number) = 1 THEN 1 ELSE trail_current_epoch() END FROM trail_epoch)
          AND (SELECT type FROM trail_storedevent event WHERE event.position = trail_link.position) <> 'ChangedOutside'
    );
END $$;
"""
OUTSIDE = """
CREATE FUNCTION trail_outside(
    model text, noun text, op text, old jsonb, new jsonb, key text, label text, secret text[], about text[], total bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := coalesce(old, '{}');
    after jsonb := coalesce(new, '{}');
    application text := current_setting('application_name');
    address text := coalesce(host(inet_client_addr()), '');
    told jsonb := '{}';
    hidden text;
BEGIN
    IF op = 'update' THEN
        SELECT coalesce(jsonb_object_agg(name, value), '{}') INTO before
        FROM jsonb_each(old) AS was (name, value) WHERE new -> name IS DISTINCT FROM value;
        SELECT coalesce(jsonb_object_agg(name, value), '{}') INTO after
        FROM jsonb_each(new) AS is_now (name, value) WHERE old -> name IS DISTINCT FROM value;
        IF before = '{}' AND after = '{}' THEN
            RETURN;
        END IF;
    END IF;
    FOREACH hidden IN ARRAY secret LOOP
        IF before ? hidden THEN before := jsonb_set(before, ARRAY[hidden], '"•••"'); END IF;
        IF after ? hidden THEN after := jsonb_set(after, ARRAY[hidden], '"•••"'); END IF;
    END LOOP;
    -- Who the session says works in it. Whatever else it says instead must not keep the change from being told.
    BEGIN
        told := coalesce(nullif(current_setting('trail.context', true), '')::jsonb, '{}');
        PERFORM (told ->> 'correlation')::uuid, (told ->> 'cause')::uuid;
    EXCEPTION WHEN OTHERS THEN
        told := '{}';
    END;
    PERFORM trail_append(
        jsonb_build_array(
            jsonb_build_object(
                'id', gen_random_uuid(),
                'type', 'ChangedOutside',
                'version', 1,
                'payload', jsonb_build_object(
                    'model', model, 'noun', noun, 'key', coalesce(key, ''), 'label', coalesce(label, ''), 'op', op,
                    'before', before, 'after', after, 'rows', total, 'database_user', session_user,
                    'application', application, 'address', address
                ),
                'about', to_jsonb(about),
                'actor_kind', left(coalesce(told #>> '{actor,0}', 'database'), 20),
                'actor_id', left(coalesce(told #>> '{actor,1}', session_user), 200),
                'actor_label', left(coalesce(told #>> '{actor,2}', concat_ws(
                    ' with ', session_user, nullif(application, '')
                )), 200),
                -- All that one transaction changed belongs together.
                'correlation_id', coalesce(
                    told ->> 'correlation', md5(trail_current_epoch() || '/' || pg_current_xact_id())::uuid::text
                ),
                'causation_id', told ->> 'cause',
                'metadata', CASE jsonb_typeof(told -> 'metadata') WHEN 'object' THEN told -> 'metadata' ELSE '{}' END,
                'occurred_at', clock_timestamp()
            )
        ),
        NULL
    );
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0013_by_time")]
    operations = [
        migrations.RunSQL(TOLD, "DROP FUNCTION trail_told(text)"),
        migrations.RunSQL(
            OUTSIDE,
            "DROP FUNCTION trail_outside(text, text, text, jsonb, jsonb, text, text, text[], text[], bigint)",
        ),
    ]
