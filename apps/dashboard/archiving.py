"""Archive and restore as buttons of a page: who manages a table takes rows out of use instead of deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action

from apps.dashboard import dialogs
from apps.dashboard.step_dialogs import page_of

LONGEST_KEY = 18
Mark = Callable[..., None]


def archiving(
    *, archive: Mark, restore: Mark, asks: tuple[str, str], said: tuple[str, str], refusals: tuple[type[Exception], ...]
) -> type:
    """What stands before an admin page's own class, whose model says `archived`.

    `archive` and `restore` are services of a row, with `now`. `asks` is what the two dialogs say before, and `said`
    what is said of the row after; `refusals` of the services are shown.
    """

    class Archived:
        """Archive and restore, each a dialog."""

        def has_archive_permission(self, request: HttpRequest, key: Any = None) -> bool:
            """For the page's button: one in use."""
            return self._may(request, key, archived=False)

        def has_restore_permission(self, request: HttpRequest, key: Any = None) -> bool:
            """For the page's button: an archived one."""
            return self._may(request, key, archived=True)

        def _may(self, request: HttpRequest, key: Any, *, archived: bool) -> bool:
            found = str(key).isdecimal() and len(str(key)) <= LONGEST_KEY
            row = self.model.objects.filter(pk=key).first() if found else None  # type: ignore[attr-defined]
            if row is None or row.archived is not archived:
                return False
            return bool(self.has_change_permission(request, row))  # type: ignore[attr-defined]

        @action(
            description="Archive",
            icon="archive",
            permissions=["archive"],
            dialog={"title": "Archive", "description": asks[0], "form_submit_text": "Archive it"},
        )
        def archive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
            """Out of use."""
            return self._mark(request, object_id, archive, said[0])

        @action(
            description="Restore",
            icon="unarchive",
            permissions=["restore"],
            dialog={"title": "Restore", "description": asks[1], "form_submit_text": "Restore it"},
        )
        def restore(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
            """Back in use."""
            return self._mark(request, object_id, restore, said[1])

        def _mark(self, request: HttpRequest, object_id: str, mark: Mark, words: str) -> HttpResponse:
            row = self.get_object(request, object_id)  # type: ignore[attr-defined]
            if row is None:
                raise Http404
            if not self.has_change_permission(request, row):  # type: ignore[attr-defined]
                raise PermissionDenied
            try:
                # Part of a door, so it reads the clock.
                mark(row, now=timezone.now())  # noqa: TID251
                messages.success(request, f"{row} {words}")
            except refusals as refusal:
                messages.error(request, str(refusal))
            return dialogs.leave(request, page_of(row))

    return Archived
