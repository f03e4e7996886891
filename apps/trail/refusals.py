"""Part of an admin page: what a service refuses in the middle of a form becomes a message."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect


class RefusalsAsMessages:
    """Before an admin page's own class: errors of `refusal` are shown, and the page is opened again."""

    refusal: ClassVar[type[Exception]]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            # The refusal undoes the request's own transaction, so it is caught outside of it.
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]
        except self.refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())
