"""A step's dialog: a refusal says what happened meanwhile, and loses nothing that was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

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
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from apps.dashboard import dialogs
from apps.people.acting import Acting
from apps.rfhs.errors import BadRFH, ChangedMeanwhile, RFHError
from apps.rfhs.models import RFH
from apps.rfhs.selectors import find
from apps.trail.selectors import story

MOST_TOLD = 5
Deed = Callable[[Any, RFH, Any, Acting, datetime], str]


class StepForm(BaseDialogForm):  # type: ignore[misc]
    """Asks something about a request, and knows how the request was when it was asked."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, object_id, *args, **kwargs)
        self.refusal = ""
        self.meanwhile: list[str] = []
        if not self.is_bound:
            self.initial |= {"seen": _newest(self.rfh), "version": self.rfh.version}
        self.fit(self.rfh)

    @cached_property
    def rfh(self) -> RFH:
        """The request as it is now."""
        try:
            return find(str(self.object_id))
        except RFHError as refusal:
            raise PermissionDenied from refusal

    def fit(self, rfh: RFH) -> None:
        """Choices and first values that depend on the request."""

    @property
    def read(self) -> int | None:
        """The version that was read."""
        version: int | None = self.cleaned_data["version"]
        return version

    def refuse(self, refusal: RFHError) -> None:
        """Show why not, and what happened since the dialog was opened; the next press is of the request as it is."""
        said = refusal.errors if isinstance(refusal, BadRFH) else {}
        for field, sentences in said.items():
            if field in self.fields:
                for sentence in sentences:
                    self.add_error(field, sentence)
            else:
                self.refusal = " ".join(sentences)
        if not said:
            self.refusal = str(refusal)
        since = self.cleaned_data.get("seen") or 0
        lines = story(self.rfh.stream, newest_first=True, limit=MOST_TOLD)
        self.meanwhile = [line.sentence for line in lines if since and line.position > since]
        if isinstance(refusal, ChangedMeanwhile):
            self.refusal = (
                f"{self.rfh} changed since you opened this, so nothing was written. Press again to go on all the same."
            )
        data: Any = self.data.copy()  # type: ignore[has-type]
        data["version"], data["seen"] = (
            str(RFH.objects.values_list("version", flat=True).get(pk=self.rfh.pk)),
            str(since),
        )
        self.data = data

    def render_before_template(self) -> str:
        if not self.refusal and not self.meanwhile:
            return ""
        said: str = render_to_string(
            "admin/rfhs/rfh/refused.html", {"refusal": self.refusal, "meanwhile": self.meanwhile, "rfh": self.rfh}
        )
        return said


def asks(
    title: str,
    description: str,
    submit: str,
    form: type[StepForm] = StepForm,
    *,
    icon: str,
    button: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Deed], Any]:
    """A method that does something with a request, as an action whose dialog asks first."""
    shown = {"title": title, "description": description, "form_class": form, "form_submit_text": submit}

    def wrap(deed: Deed) -> Any:
        def run(admin: Any, request: HttpRequest, form: StepForm, object_id: str) -> HttpResponse:
            return _do(admin, request, form, object_id, deed, shown)

        run.__name__ = deed.__name__
        run.__doc__ = deed.__doc__
        return action(run, description=button or title, icon=icon, permissions=["work"], variant=variant, dialog=shown)

    return wrap


def _do(
    admin: Any, request: HttpRequest, form: StepForm, object_id: str, deed: Deed, shown: dict[str, Any]
) -> HttpResponse:
    rfh = admin.get_object(request, object_id)
    if rfh is None or not admin.has_view_permission(request, rfh):
        raise PermissionDenied
    try:
        with transaction.atomic():
            said = deed(admin, rfh, form, Acting(request.user), timezone.now())  # type: ignore[arg-type]
    except RFHError as refusal:
        form.refuse(refusal)
        context = {"dialog": shown, "form": form, "form_submit_text": shown["form_submit_text"]}
        return render(request, "unfold/helpers/dialog.html", context)
    messages.success(request, said)
    return dialogs.leave(request, reverse("admin:rfhs_rfh_change", args=[rfh.pk]))


def _newest(rfh: RFH) -> int:
    """The newest event of the request, by position."""
    lines = story(rfh.stream, newest_first=True, limit=1)
    return lines[0].position if lines else 0
