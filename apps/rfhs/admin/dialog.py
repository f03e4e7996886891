"""The dialogs of a request's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unfold.enums import ActionVariant

from apps.dashboard import step_dialogs
from apps.rfhs.errors import ChangedMeanwhile, RFHError
from apps.rfhs.models import RFH
from apps.rfhs.selectors import find


class StepForm(step_dialogs.StepForm):
    """Asks something about a request, and knows how the request was when it was asked."""

    refuses = RFHError
    overtaken = ChangedMeanwhile

    def look_up(self, key: str) -> RFH:
        return find(key)

    @property
    def rfh(self) -> RFH:
        """The request as it is now."""
        rfh: RFH = self.subject
        return rfh

    def fit(self, rfh: RFH) -> None:
        """Choices and first values that depend on the request."""


def asks(
    title: str,
    description: str,
    submit: str,
    form: type[StepForm] = StepForm,
    *,
    icon: str,
    button: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[step_dialogs.Deed], Any]:
    """A method that does something with a request, as an action whose dialog asks first."""
    return step_dialogs.asks(title, description, submit, form, icon=icon, button=button, variant=variant)
