"""Archive and restore as buttons of a page: who manages the table takes rows out of use instead of deleting them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from apps.dashboard import dialogs
from apps.rfhs import services


class Archived:
    """Before an admin page's own class, whose model has `archived`."""

    def has_archive_permission(self, request: HttpRequest, key: Any = None) -> bool:
        """For the page's button: one in use."""
        return self._may(request, key, archived=False)

    def has_restore_permission(self, request: HttpRequest, key: Any = None) -> bool:
        """For the page's button: an archived one."""
        return self._may(request, key, archived=True)

    def _may(self, request: HttpRequest, key: Any, *, archived: bool) -> bool:
        found = str(key).isdecimal() and len(str(key)) <= 18
        row = self.model.objects.filter(pk=key).first() if found else None  # type: ignore[attr-defined]
        if row is None or row.archived is not archived:
            return False
        return bool(self.has_change_permission(request, row))  # type: ignore[attr-defined]

    @action(
        description="Archive",
        icon="archive",
        permissions=["archive"],
        dialog={
            "title": "Archive",
            "description": "It is proposed for nothing any more. Requests that went there keep it.",
            "form_submit_text": "Archive it",
        },
    )
    def archive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Out of use."""
        return self._mark(request, object_id, services.archive, "is archived: it is proposed for nothing any more.")

    @action(
        description="Restore",
        icon="unarchive",
        permissions=["restore"],
        dialog={"title": "Restore", "description": "It is proposed again.", "form_submit_text": "Restore it"},
    )
    def restore(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Back in use."""
        return self._mark(request, object_id, services.restore, "is proposed again.")

    def _mark(self, request: HttpRequest, object_id: str, mark: Callable[..., None], said: str) -> HttpResponse:
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):  # type: ignore[attr-defined]
            raise PermissionDenied
        mark(row, now=timezone.now())
        messages.success(request, f"{row} {said}")
        meta = row._meta
        return dialogs.leave(request, reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]))
