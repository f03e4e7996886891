"""What a Slack channel's id looks like is checked; nothing changes in the database."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="channel",
            name="slack_id",
            field=models.CharField(
                help_text="Such as C024BE91L.",
                max_length=20,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[CGD][A-Z0-9]{2,}\\Z",
                        "A Slack channel's id starts with C, G or D and has capitals and digits, such as C024BE91L.",
                    )
                ],
                verbose_name="Slack id",
            ),
        ),
    ]
