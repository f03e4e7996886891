"""The chain of seals over the trail, kept as the trail itself is."""

from django.db import migrations, models

KEEP = """
CREATE TRIGGER trail_seal_keep BEFORE UPDATE OR DELETE ON trail_seal
    FOR EACH ROW EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_seal_keep_all BEFORE TRUNCATE ON trail_seal
    FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
ALTER TABLE trail_seal ENABLE ALWAYS TRIGGER trail_seal_keep;
ALTER TABLE trail_seal ENABLE ALWAYS TRIGGER trail_seal_keep_all;
-- Hashes do not compress.
ALTER TABLE trail_seal ALTER COLUMN leaves SET STORAGE EXTERNAL;
"""
LET_GO = "DROP TRIGGER trail_seal_keep ON trail_seal; DROP TRIGGER trail_seal_keep_all ON trail_seal;"


class Migration(migrations.Migration):
    dependencies = [("trail", "0009_audited_types")]
    operations = [
        migrations.CreateModel(
            "Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("form", models.PositiveSmallIntegerField()),
                ("first_epoch", models.IntegerField()),
                ("first_transaction", models.BigIntegerField()),
                ("first_position", models.BigIntegerField()),
                ("epoch", models.IntegerField()),
                ("transaction", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("previous", models.BinaryField(max_length=32, unique=True)),
                ("hash", models.BinaryField(max_length=32)),
                ("made_at", models.DateTimeField()),
                ("places", models.BinaryField()),
                ("leaves", models.BinaryField()),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
