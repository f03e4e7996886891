"""What the trail costs, how it grows, and how quickly it is sealed and verified."""

from __future__ import annotations

import os

import django
from django.db import connection

from bench import ground


def main() -> None:
    """Every figure of the trail, from one run."""
    with ground.home() as folder:
        env = ground.environment(folder) | {"DJANGO_SETTINGS_MODULE": "bench.peers.settings"}
        ground.manage("migrate", env=env)
        ground.manage("collectstatic", "--noinput", env=env)
        os.environ.update(env)
        django.setup()
        # After setup: models.
        from bench.peers.models import make_tables
        from bench.trail import appending, growing, rows, sealed, writing

        make_tables()
        rows.prepare()
        for part in (appending, writing, growing, sealed):
            part.measure(env)
        connection.close()
