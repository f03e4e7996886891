"""What the trail's tables lean on in the database: a refusal, and the number of the current epoch."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The trail is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A dump restored into another cluster meets a new system identifier, and with it a new epoch begins by itself.
CREATE FUNCTION trail_current_epoch() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    here bigint := (SELECT system_identifier FROM pg_control_system());
    found integer;
BEGIN
    SELECT number INTO found FROM trail_epoch WHERE system_identifier = here;
    IF found IS NULL THEN
        LOCK TABLE trail_epoch IN SHARE ROW EXCLUSIVE MODE;
        INSERT INTO trail_epoch (number, system_identifier)
        SELECT coalesce(max(number), 0) + 1, here FROM trail_epoch
        ON CONFLICT (system_identifier) DO NOTHING;
        SELECT number INTO found FROM trail_epoch WHERE system_identifier = here;
    END IF;
    RETURN found;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION trail_current_epoch(); DROP FUNCTION trail_refuse();"),
    ]
