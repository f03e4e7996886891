"""The dialogs of what is done about an incident."""

from __future__ import annotations

from typing import ClassVar

from apps.dashboard import step_dialogs
from apps.incidents.errors import ChangedMeanwhile, IncidentError
from apps.incidents.models import Incident
from apps.incidents.rights import may_publish
from apps.incidents.selectors import find
from apps.people.acting import Acting

asks = step_dialogs.asks


class StepForm(step_dialogs.StepForm):
    """Asks something about an incident, and knows how it was when it was asked."""

    refuses: ClassVar[type[Exception] | tuple[type[Exception], ...]] = IncidentError
    overtaken = ChangedMeanwhile

    def look_up(self, key: str) -> Incident:
        return find(key)

    @property
    def incident(self) -> Incident:
        """The incident as it is now."""
        incident: Incident = self.subject
        return incident

    @property
    def publishes(self) -> bool:
        """Whether what this person says may reach the public at once."""
        return may_publish(Acting(self.request.user))

    def fit(self, incident: Incident) -> None:
        """Choices and first values that depend on the incident."""
