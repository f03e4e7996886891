"""What every route of one incident shares: how it is called, who acts, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from apps.api.routes import RouteSet
from apps.api.steps import taken_by
from apps.escalations.errors import BadSnooze, EscalationError
from apps.incidents import rights
from apps.incidents.errors import (
    AlreadyAcknowledged,
    BadIncident,
    ChangedMeanwhile,
    IllegalStep,
    IncidentError,
    NotYours,
    UnknownIncident,
)
from apps.incidents.models import Incident
from apps.incidents.selectors import find
from apps.people.acting import Acting


class IncidentRoutes(RouteSet):
    """Routes of an incident, by its number with or without its prefix."""

    reads = ("read", "incidents")
    writes = ("incidents",)
    refusals = {
        UnknownIncident: 404,
        IllegalStep: 409,
        AlreadyAcknowledged: 409,
        ChangedMeanwhile: 409,
        NotYours: 403,
        BadIncident: 400,
        IncidentError: 400,
        BadSnooze: 400,
        EscalationError: 409,
    }
    lookup_url_kwarg = "number"
    lookup_value_regex = "(?:[A-Za-z]+-)?[0-9]{1,18}"
    # What the API calls what a service calls otherwise.
    CALLED: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "rca": {"rca_url": "url"},
        "write_rca": {"action": "actions"},
    }

    def get_object(self) -> Incident:
        return find(self.kwargs["number"])

    def sent_as(self, path: str) -> str:
        return self.CALLED.get(str(self.action), {}).get(path, path)

    def members(self, exc: Exception) -> Mapping[str, Any]:
        return {"step": exc.step, "legal_from": exc.legal_from} if isinstance(exc, IllegalStep) else {}

    def mine(self, said: dict[str, Any]) -> Acting:
        """Who does it. A key may; an agent it speaks for must be one who could do it in the portal."""
        by = taken_by(said)
        if by.agent is not None and not rights.may_change(by.agent):
            raise NotYours(f"{by.agent} may not change incidents.")
        return by

    def key(self) -> str:
        return f"api:request:{self.claimed.pk}" if self.claimed else ""
