"""Reading bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSON(JSONParser):
    """JSON whose text PostgreSQL can hold."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value. Raises ParseError."""
        try:
            value = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.")
        for text in _texts(value):
            if "\x00" in text:
                raise ParseError("Text cannot hold the character U+0000.")
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ParseError("Text cannot hold half of a surrogate pair.")
        return value


def _texts(value: Any) -> Iterator[str]:
    # A stack of our own: a value that parsed may still be too deep to recurse into.
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as mapping:
                waiting.extend(mapping)
                waiting.extend(mapping.values())
            case list() as items:
                waiting.extend(items)
