"""Whether a change was told of is seen from the last event of the transaction, which mostly is the one."""

from importlib import import_module

from django.db import migrations

TOLD = """
CREATE OR REPLACE FUNCTION trail_told(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    -- Only where to look first. Whatever a session says there: an event counts that this very transaction wrote.
    appended text := current_setting('trail.appended', true);
BEGIN
    IF appended ~ '^[0-9]{1,18}$' THEN
        PERFORM FROM trail_storedevent
        WHERE position = appended::bigint AND xmin = pg_current_xact_id()::xid
          AND transaction = pg_current_xact_id()::text::bigint AND wanted = ANY (about) AND type <> 'ChangedOutside';
        IF FOUND THEN
            RETURN true;
        END IF;
    END IF;
    RETURN wanted IS NOT NULL AND EXISTS (
        SELECT FROM trail_link
        WHERE stream = wanted AND transaction = pg_current_xact_id()::text::bigint
          AND epoch = (SELECT CASE WHEN max(number) = 1 THEN 1 ELSE trail_current_epoch() END FROM trail_epoch)
          AND (SELECT type FROM trail_storedevent event WHERE event.position = trail_link.position) <> 'ChangedOutside'
    );
END $$;
"""
BEFORE = import_module("apps.trail.migrations.0014_outside").TOLD.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
APPEND = import_module("apps.trail.migrations.0017_append_one").APPEND_ONE.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
# As 0017 wrote it, and it says where the event is.
SAYING = APPEND.replace(
    "    RETURN place;", "    PERFORM set_config('trail.appended', place::text, true);\n    RETURN place;"
)


class Migration(migrations.Migration):
    dependencies = [("trail", "0017_append_one")]
    operations = [migrations.RunSQL(TOLD, BEFORE), migrations.RunSQL(SAYING, APPEND)]
