"""A step's dialog: a refusal says what happened meanwhile, and loses nothing that was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from apps.dashboard import dialogs
from apps.people.acting import Acting
from apps.trail.selectors import story

MOST_TOLD = 5
Deed = Callable[[Any, Any, Any, Acting, datetime], str]


class StepForm(BaseDialogForm):  # type: ignore[misc]
    """Asks something about a row with a `version` and a `stream`, and knows how the row was when it was asked.

    `refuses` is the base of its app's errors, whose `errors` may name fields; `overtaken` says that the row changed.
    """

    refuses: ClassVar[type[Exception] | tuple[type[Exception], ...]]
    overtaken: ClassVar[type[Exception]]

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        self.refusal = ""
        self.meanwhile: list[str] = []
        if not self.is_bound:
            self.initial |= {"seen": _newest(self.subject), "version": self.subject.version}
        self.fit(self.subject)

    @cached_property
    def subject(self) -> Any:
        """The row as it is now."""
        try:
            return self.look_up(str(self.object_id))
        except self.refuses as refusal:
            raise PermissionDenied from refusal

    def look_up(self, key: str) -> Any:
        """The row of this key. Raises one of `refuses`."""
        raise NotImplementedError

    def fit(self, subject: Any) -> None:
        """Choices and first values that depend on the row."""

    @property
    def read(self) -> int | None:
        """The version that was read."""
        version: int | None = self.cleaned_data["version"]
        return version

    def refuse(self, refusal: Exception) -> None:
        """Show why not, and what happened since the dialog was opened; the next press is of the row as it is."""
        said: dict[str, list[str]] = getattr(refusal, "errors", {})
        for field, sentences in said.items():
            if field in self.fields:
                for sentence in sentences:
                    self.add_error(field, sentence)
            else:
                self.refusal = " ".join(sentences)
        if not said:
            self.refusal = str(refusal)
        since = self.cleaned_data.get("seen") or 0
        lines = story(self.subject.stream, newest_first=True, limit=MOST_TOLD)
        self.meanwhile = [line.sentence for line in lines if since and line.position > since]
        if isinstance(refusal, self.overtaken):
            self.refusal = (
                f"{self.subject} changed since you opened this, so nothing was written. "
                "Press again to go on all the same."
            )
        data: Any = self.data.copy()  # type: ignore[has-type]
        rows = type(self.subject)._default_manager
        data["version"] = str(rows.values_list("version", flat=True).get(pk=self.subject.pk))
        data["seen"] = str(since)
        self.data = data

    def render_before_template(self) -> SafeString:
        if not self.refusal and not self.meanwhile:
            return SafeString("")
        context = {
            "refusal": self.refusal,
            "meanwhile": self.meanwhile,
            "subject": self.subject,
            "page": page_of(self.subject),
        }
        return render_to_string("admin/refused.html", context)


def asks(
    title: str,
    description: str,
    submit: str,
    form: type[StepForm],
    *,
    icon: str,
    button: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
    permission: str = "work",
) -> Callable[[Deed], Any]:
    """A method that does something with a row, as an action whose dialog asks first."""
    shown = {"title": title, "description": description, "form_class": form, "form_submit_text": submit}

    def wrap(deed: Deed) -> Any:
        def run(admin: Any, request: HttpRequest, form: StepForm, object_id: str) -> HttpResponse:
            return _do(admin, request, form, object_id, deed, shown)

        run.__name__ = deed.__name__
        run.__doc__ = deed.__doc__
        return action(
            run, description=button or title, icon=icon, permissions=[permission], variant=variant, dialog=shown
        )

    return wrap


def buttons_of(admin: Any, names: Iterable[str], row: Any) -> list[dict[str, Any]]:
    """What a page needs to draw these actions of its row, as step_button.html does."""
    found = [(name, admin.get_unfold_action(name)) for name in names]
    return [
        {
            "name": name,
            "words": each.description,
            "icon": each.icon,
            "variant": each.variant.value if each.variant else "",
            "link": reverse(f"admin:{each.action_name}", args=[row.pk]),
            "asks": each.dialog is not None,
        }
        for name, each in found
    ]


def page_of(row: Any) -> str:
    """The address of the row's page in the admin."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def _do(
    admin: Any, request: HttpRequest, form: StepForm, object_id: str, deed: Deed, shown: dict[str, Any]
) -> HttpResponse:
    row = admin.get_object(request, object_id)
    if row is None or not admin.has_view_permission(request, row):
        raise PermissionDenied
    try:
        with transaction.atomic():
            # Part of a door, so it reads the clock.
            said = deed(admin, row, form, Acting(request.user), timezone.now())  # type: ignore[arg-type]  # noqa: TID251
    except form.refuses as refusal:
        form.refuse(refusal)
        context = {"dialog": shown, "form": form, "form_submit_text": shown["form_submit_text"]}
        return render(request, "unfold/helpers/dialog.html", context)
    messages.success(request, said)
    return dialogs.leave(request, page_of(row))


def _newest(row: Any) -> int:
    """The newest event of the row, by position."""
    lines = story(row.stream, newest_first=True, limit=1)
    return lines[0].position if lines else 0
