"""Uploads within bounds: what is too large is thrown away as it comes, and everything else of the form is kept."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from apps.rfhs.files import clean_name
from apps.rfhs.services.attaching import LARGEST, LARGEST_AT_ONCE, MEGABYTE, too_large

# Nobody waits for a disk image to arrive only to be told that it is too large.
LARGEST_BODY = 250 * MEGABYTE
TOO_MUCH = (
    f"That was more than {LARGEST_BODY // MEGABYTE} MB at once. Go back, and choose fewer files: nothing was saved."
)


class Bounded(FileUploadHandler):
    """Goes before the others. A refusal of the whole request would lose what was typed beside the files."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.refused: list[str] = []
        self._of_file = self._in_all = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._of_file = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        name = clean_name(self.file_name or "")
        self._of_file += len(raw_data)
        self._in_all += len(raw_data)
        if self._of_file > LARGEST:
            self.refused.append(too_large(name))
            # What is thrown away takes no room from the others.
            self._in_all -= self._of_file
            raise SkipFile
        if self._in_all > LARGEST_AT_ONCE:
            self.refused.append(
                f"{name} is one too many: at most {LARGEST_AT_ONCE // MEGABYTE} MB at once. Send it next."
            )
            self._in_all -= self._of_file
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
