"""What every connection of this process, and of the programs it starts, tells PostgreSQL."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

# libpq's own: for psql, and for a connection that a script makes itself.
OPTIONS, APPLICATION = "PGOPTIONS", "PGAPPNAME"


def tell(parameter: str, value: str, *, application: str = "") -> None:
    """The parameter has this value from here on, in each thread; and PostgreSQL's lists call us by that name."""
    # What is in OPTIONS is split at blanks, unless a backslash is before them.
    escaped = re.sub(r"([\\\s])", r"\\\1", value)
    option = f"-c {parameter}={escaped}"
    from_environment = os.environ.get(OPTIONS, "")
    for options in _all_options():
        options["options"] = f"{options.get('options', from_environment)} {option}".strip()
        if application:
            options["application_name"] = application
    os.environ[OPTIONS] = f"{from_environment} {option}".strip()
    if application:
        os.environ[APPLICATION] = application
    connections.close_all()


@contextmanager
def telling(parameter: str, value: str, *, application: str = "") -> Iterator[None]:
    """Like `tell`, until the block ends."""
    before = [(options, dict(options)) for options in _all_options()]
    environment = {name: os.environ.get(name) for name in (OPTIONS, APPLICATION)}
    tell(parameter, value, application=application)
    try:
        yield
    finally:
        for options, was in before:
            options.clear()
            options.update(was)
        for name, held in environment.items():
            if held is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = held
        connections.close_all()


def _all_options() -> list[dict[str, Any]]:
    # For each database the one dict that every thread's connections are made from.
    return [connections.settings[alias].setdefault("OPTIONS", {}) for alias in connections]
