"""What is done about a request's issues, each a dialog: one that is there is linked, one that failed is tried again."""

from __future__ import annotations

from datetime import datetime

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from apps.people.acting import Acting
from apps.rfhs.admin.dialog import StepForm, asks
from apps.rfhs.models import RFH, Issue
from apps.rfhs.services import issues


class LinkForm(StepForm):
    """Which issue it is."""

    issue = forms.CharField(
        label="The issue's address",
        max_length=300,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://github.com/acme/support/issues/12"}),
    )

    def fit(self, rfh: RFH) -> None:
        """Which repositories it may be in."""
        named = " or ".join(sorted(issues.repositories().values()))
        self.fields["issue"].help_text = f"Or owner/repo#12, in {named}." if named else ""


class TryForm(StepForm):
    """Whether to link as asked, or to make one."""

    anew = forms.BooleanField(
        label="Make a new issue instead of linking",
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
    )

    def fit(self, rfh: RFH) -> None:
        """Nothing is asked where nothing was to be linked."""
        if not any(issue.number and issue.tracker == Issue.Tracker.PRIVATE for issue in lacking(rfh)):
            del self.fields["anew"]


def lacking(rfh: RFH) -> list[Issue]:
    """The issues that are not there, and that somebody may have tried once more."""
    found = rfh.issues.filter(making__in=[Issue.Making.WANTED, Issue.Making.FAILED]).order_by("pk")
    return [issue for issue in found if issue.making == Issue.Making.FAILED or issue.error]


def possible(rfh: RFH) -> list[str]:
    """The actions that make sense as the request's issues are."""
    if rfh.is_over or rfh.filed_at is None:
        return []
    there = {issue.tracker for issue in rfh.issues.all() if issue.is_there}
    wanted = {"try_issue_again": bool(lacking(rfh)), "link_issue": bool(set(issues.repositories()) - there)}
    return [name for name, sensible in wanted.items() if sensible]


class Tracking:
    """Part of the admin of requests."""

    @asks(
        "Try again",
        "Once what was in the way is mended. An issue that was made after all is found, and not made twice.",
        "Try again",
        TryForm,
        icon="replay",
    )
    def try_issue_again(self, rfh: RFH, form: TryForm, by: Acting, now: datetime) -> str:
        found = lacking(rfh)
        for issue in found:
            anew = bool(form.cleaned_data.get("anew")) and issue.tracker == Issue.Tracker.PRIVATE
            issues.try_again(issue, anew=anew, by=by, now=now)
        return "It is tried again: look here in a moment." if found else "There is nothing to try again any more."

    @asks(
        "Link an issue",
        "One that is there already becomes this request's; in the private tracker it hears what is asked.",
        "Link it",
        LinkForm,
        icon="link",
    )
    def link_issue(self, rfh: RFH, form: LinkForm, by: Acting, now: datetime) -> str:
        issue = issues.link(rfh, form.cleaned_data["issue"], by=by, now=now)
        return f"{issue} is read and linked: look here in a moment."
