"""Saved patterns with what their watch has told, and which types customers are told of."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trail', '0010_seals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pattern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('advice', models.TextField(help_text='What to do, or to tell the customer, when it is found.', max_length=2000)),
                ('required', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=12)),
                ('in_order', models.BooleanField(default=True, verbose_name='in this order')),
                ('within', models.DurationField(blank=True, null=True)),
                ('forbidden', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=12)),
                ('forbidden_where', models.CharField(choices=[('between', 'Between the first and the last required event'), ('anywhere', 'Anywhere in the story')], default='between', max_length=10)),
                ('active', models.BooleanField(default=True, help_text='Archived patterns are neither checked nor watched for.')),
                ('watch', models.BooleanField(default=False, verbose_name='watch for it')),
                ('watched_kind', models.CharField(blank=True, default='ticket', max_length=40, verbose_name='in each')),
                ('channel', models.CharField(blank=True, max_length=80, verbose_name='tell the Slack channel')),
                ('watched_since', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ToldType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(max_length=100, unique=True)),
                ('told', models.BooleanField(default=True, help_text='Off: nobody can choose such events for a customer any more.', verbose_name='customers are told')),
            ],
            options={
                'verbose_name': 'type customers are told of',
                'verbose_name_plural': 'types customers are told of',
                'ordering': ['type'],
            },
        ),
        migrations.CreateModel(
            name='MatchedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stream', models.CharField(max_length=200)),
                ('position', models.BigIntegerField()),
                ('pattern', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='trail.pattern')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pattern', 'stream', 'position'), name='trail_matched_once')],
            },
        ),
    ]
