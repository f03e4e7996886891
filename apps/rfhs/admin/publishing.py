"""A public twin of a private issue: proposed without the customer, read and changed by a person, then checked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from apps.people.acting import Acting
from apps.rfhs.admin.dialog import StepForm, asks
from apps.rfhs.errors import PrivateText, RFHError
from apps.rfhs.models import RFH, Issue
from apps.rfhs.privacy import Place
from apps.rfhs.services import filing

Tracker = Issue.Tracker


def may_be_published(rfh: RFH) -> bool:
    """Whether a public issue makes sense: a defect, filed privately without one, or whose own could not be made."""
    known = {issue.tracker: issue for issue in rfh.issues.all()}
    public = known.get(Tracker.PUBLIC)
    possible = public.can_be_reworded if public else Tracker.PRIVATE in known
    return rfh.kind == RFH.Kind.DEFECT and rfh.filed_at is not None and possible


class PublishForm(StepForm):
    """What everybody will read. The proposal has neutral words for what is the customer's."""

    affects_several = forms.BooleanField(
        label="It affects several customers", required=False, widget=UnfoldBooleanWidget()
    )
    title = forms.CharField(label="Title", widget=UnfoldAdminTextInputWidget())
    body = forms.CharField(
        label="Text",
        strip=False,
        help_text="Read it once more: anybody on the internet will.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14}),
    )
    places: Iterable[Place] = ()

    def fit(self, rfh: RFH) -> None:
        self.initial.setdefault("affects_several", rfh.affects_several)
        if self.is_bound:
            return
        try:
            proposed = filing.preview(rfh, tracker=Tracker.PUBLIC)
        except RFHError:
            # What cannot be proposed is refused, with its reason, once it is sent.
            return
        self.initial.setdefault("title", proposed.proposed_title or proposed.title)
        self.initial.setdefault("body", proposed.proposed_body or proposed.body)

    def refuse(self, refusal: Exception) -> None:
        super().refuse(refusal)
        if isinstance(refusal, PrivateText):
            self.refusal = "Nothing was published: the public would read what is the customer's."
            for name in ("title", "body"):
                if found := [place for place in refusal.places if place.field == name]:
                    self.add_error(name, _told(found))
            if others := [place for place in refusal.places if place.field not in {"title", "body"}]:
                self.add_error("body", _told(others))


class Publishing:
    """Part of the admin of requests."""

    @asks(
        "Publish without the customer",
        "A public twin of the private issue. The private one stays, and is linked to it for us alone.",
        "Publish it",
        PublishForm,
        icon="public",
    )
    def publish(self, rfh: RFH, form: PublishForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in ("title", "body", "affects_several")}
        filing.publish(rfh, **said, by=by, now=now)
        return "The public issue is made as soon as GitHub has been asked for it."


def _told(places: Iterable[Place]) -> SafeString:
    """Where, why, and what to say instead."""
    lines = format_html_join(
        "", "<li>“<b>{}</b>”: {}. Say “{}”.</li>", ((place.text, place.why, place.instead) for place in places)
    )
    return format_html("<ul data-places>{}</ul>", lines)
