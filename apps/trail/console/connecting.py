"""What every connection of this process, and of the programs it starts, tells PostgreSQL."""

from __future__ import annotations

import os
import re

from django.db import connections


def add_option(name: str, value: str) -> None:
    """The parameter has this value from here on: for each thread's connections, for psql, and for a script's own."""
    # libpq splits at blanks, unless a backslash is before them.
    escaped = re.sub(r"([\\\s])", r"\\\1", value)
    option = f"-c {name}={escaped}"
    from_environment = os.environ.get("PGOPTIONS", "")
    for alias in connections:
        # The one dict of all threads' connections.
        options = connections.settings[alias].setdefault("OPTIONS", {})
        options["options"] = f"{options.get('options', from_environment)} {option}".strip()
    os.environ["PGOPTIONS"] = f"{from_environment} {option}".strip()
    connections.close_all()
