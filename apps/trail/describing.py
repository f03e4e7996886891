"""The catalogue as a page to read. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from apps.trail.catalogue import TypeEntry

HEAD = """# The events on the trail

Every type of event the portal records, by the app that records it. `make docs` writes this page from the code, and
`/api/v1/event-types/` says the same as JSON. A field marked *personal* may hold data about a person. A field that is
not *always* there takes the value that is usual for it. Types that integrations and people publish under names of their
own are not listed: what they hold is theirs to say.
"""


def page(entries: Iterable[TypeEntry]) -> str:
    """The page, in Markdown; `entries` by app."""
    parts = [HEAD]
    for app, of_app in groupby(entries, key=lambda entry: entry.app):
        parts.append(f"## {app}\n")
        parts += [_described(entry) for entry in of_app]
    return "\n".join(parts)


def _described(entry: TypeEntry) -> str:
    lines = [f"### {entry.type}", "", f"Version {entry.version}. {entry.meaning}", ""]
    if entry.fields:
        lines += ["| field | holds | meaning | always | personal |", "|---|---|---|---|---|"]
    for field in entry.fields:
        cells = (f"`{field.name}`", field.holds, field.meaning, _yes(field.required), _yes(field.personal))
        # A bar would end its cell.
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join([*lines, ""])


def _yes(held: bool) -> str:
    return "yes" if held else ""
