"""A stream is read in the trail's own order, which goes by transaction: its links carry that order."""

import django.db.models.deletion
from django.db import migrations, models

# A new table, since the old one lets nobody change a row. The trigger that keeps it comes in the same transaction.
FORWARDS = """
CREATE TABLE trail_link_ordered (
    stream varchar(200) NOT NULL,
    epoch integer NOT NULL,
    transaction bigint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (stream, epoch, transaction, position)
);
INSERT INTO trail_link_ordered
SELECT l.stream, e.epoch, e.transaction, e.position FROM trail_link l JOIN trail_storedevent e USING (position);
DROP TABLE trail_link;
ALTER TABLE trail_link_ordered RENAME TO trail_link;
ALTER INDEX trail_link_ordered_pkey RENAME TO trail_link_pkey;
"""
BACKWARDS = """
CREATE TABLE trail_link_plain (
    stream varchar(200) NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (stream, position)
);
INSERT INTO trail_link_plain SELECT stream, position FROM trail_link;
DROP TABLE trail_link;
ALTER TABLE trail_link_plain RENAME TO trail_link;
ALTER INDEX trail_link_plain_pkey RENAME TO trail_link_pkey;
"""
TRIGGERS = """
CREATE TRIGGER trail_link_keep BEFORE UPDATE OR DELETE ON trail_link
    FOR EACH ROW EXECUTE FUNCTION trail_refuse();
CREATE TRIGGER trail_link_keep_all BEFORE TRUNCATE ON trail_link
    FOR EACH STATEMENT EXECUTE FUNCTION trail_refuse();
ALTER TABLE trail_link ENABLE ALWAYS TRIGGER trail_link_keep;
ALTER TABLE trail_link ENABLE ALWAYS TRIGGER trail_link_keep_all;
"""


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_append_only")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARDS + TRIGGERS, BACKWARDS + TRIGGERS)],
            state_operations=[
                migrations.DeleteModel("Link"),
                migrations.CreateModel(
                    "Link",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "stream",
                                "epoch",
                                "transaction",
                                "event",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("stream", models.CharField(max_length=200)),
                        ("epoch", models.IntegerField()),
                        ("transaction", models.BigIntegerField()),
                        (
                            "event",
                            models.ForeignKey(
                                db_column="position",
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="links",
                                to="trail.storedevent",
                            ),
                        ),
                    ],
                ),
            ],
        ),
    ]
