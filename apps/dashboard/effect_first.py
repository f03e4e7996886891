"""Admin forms that show what saving would do before it is saved."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin as Base
else:
    Base = object

# The buttons of the page that shows the effect: it is wanted, or what was typed is mended first.
CONFIRMED, EDIT = "_confirmed", "_edit"
BUTTONS = ("_continue", "_addanother")


class EffectFirst(Base):  # type: ignore[misc]
    """Before an admin page's own class. The form's `held` shows what was typed again, and saves nothing.

    `refused` is what the service raises when somebody was quicker: what was typed is shown again with its words.
    """

    refused: ClassVar[type[Exception]]

    def effect_first(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """The page that shows what saving does; None when there is nothing to look at, or nothing could be saved."""
        raise NotImplementedError

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[ModelForm[Any]]:
        form: type[ModelForm[Any]] = super().get_form(request, obj, **kwargs)
        # The class is made anew for every request, so this is the request's own.
        form.held = EDIT in request.POST  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            if request.method == "POST" and not {EDIT, CONFIRMED} & request.POST.keys():
                page = self.effect_first(request, object_id)
                if page is not None:
                    return page
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refused as refused:
            messages.error(request, str(refused))
            again = request.POST.copy()
            again[EDIT] = "1"
            request.POST = again  # type: ignore[assignment]
            return super().changeform_view(request, object_id, form_url, extra_context)


def typed_again(request: HttpRequest, *, without: Collection[str] = ()) -> dict[str, Any]:
    """What was typed and the button that was pressed, for the page to send along when it is wanted."""
    left_out = {"csrfmiddlewaretoken", "_save", *BUTTONS, *without}
    return {
        "typed": [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values],
        "button": next((name for name in BUTTONS if name in request.POST), "_save"),
        "action": request.get_full_path(),
    }
