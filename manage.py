#!/usr/bin/env python
"""The portal's command line."""

import gc
import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from supportops.postgres.errors import EmbeddedPostgresError

if __name__ == "__main__":
    # A start makes hundreds of thousands of objects that stay; looking for garbage among them was an eighth of it.
    gc.set_threshold(50_000, 20, 20)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportops.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        # Its message is one sentence for the person at the terminal; a traceback would hide it.
        if isinstance(error.__cause__, EmbeddedPostgresError):
            sys.exit(str(error.__cause__))
        raise
