"""What can be said of an incident, and by whom."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.fields import Called, Instant, Strict
from apps.api.steps import AGENTS, ActedBy, OfVersion
from apps.incidents.models import LEVELS, SEVERITIES
from apps.incidents.services.impacts import POSSIBLE
from apps.incidents.states import SAID
from apps.rfhs.models import RFH
from apps.tickets.models import Ticket

_RFH = re.compile(r"(?:RFH-)?([0-9]{1,18})", re.IGNORECASE)


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string", "example": "RFH-12"}]})
class CalledRFH(Called):
    """A request for help by its number: 12, or RFH-12."""

    def __init__(self, **options: Any) -> None:
        super().__init__("pk", noun="request for help", **options)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        number = _RFH.fullmatch(str(data).strip())
        if number is None:
            self.fail("does_not_exist", noun=self.noun, value=str(data)[:40])
        return super().to_internal_value(number[1])


def _agent(words: str) -> Called:
    return Called("email", noun="agent", queryset=AGENTS, required=False, allow_null=True, help_text=words)


def _tickets(words: str) -> Any:
    return Called("number", noun="ticket", queryset=Ticket.objects.all(), many=True, required=False, help_text=words)


def _rfhs(words: str) -> Any:
    return CalledRFH(queryset=RFH.objects.all(), many=True, required=False, help_text=words)


class AffectedComponent(Strict):
    """A component, and how the incident leaves it."""

    slug = serializers.CharField(max_length=60)
    status = serializers.ChoiceField(
        POSSIBLE, required=False, help_text="Left out: what the table says of the incident's severity."
    )


class Known(OfVersion):
    """What is known of an incident, and who does what."""

    title = serializers.CharField(required=False, help_text="What is broken, in a line. Public once it is published.")
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    level = serializers.ChoiceField(
        LEVELS, required=False, help_text="Instead of a severity: the first severity of this level."
    )
    description = serializers.CharField(
        required=False, allow_blank=True, help_text="What happens and what was tried; for us alone, never public."
    )
    reported_at = Instant(required=False, help_text="When it began; left out: now.")
    point = _agent("Who works on it, by email.")
    contact = _agent("Whom everybody asks, and who owes the updates, by email.")
    lead = _agent("Who leads, by email; left out: whoever is on duty as it.")


class Saying(Strict):
    """What is said with it. Public text and internal notes are two fields, always."""

    public_text = serializers.CharField(
        required=False, allow_blank=True, help_text="Markdown; everybody reads it once it is published."
    )
    internal_note = serializers.CharField(
        required=False, allow_blank=True, help_text="For us alone, never public.", trim_whitespace=True
    )
    components = AffectedComponent(many=True, required=False)
    published = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Whether the public reads it at once; left out: yes, if there is something for it to read. "
        "Of an agent who may not publish it waits for approval.",
    )


class NewIncident(Known, Saying):
    """Something is broken."""

    version = None  # type: ignore[assignment]
    title = serializers.CharField(help_text="What is broken, in a line. Public once it is published.")
    tickets = _tickets("Numbers of the tickets it is about.")
    rfhs = _rfhs("Numbers of the requests for help it is about.")


class IncidentChange(Known):
    """What is to be true of an incident from now on. Its status moves by updates and steps alone."""

    tickets = _tickets("The numbers of all tickets it is about.")
    rfhs = _rfhs("The numbers of all requests for help it is about.")


class NewUpdate(Known, Saying):
    """How it stands, with whatever changed by it."""

    status = serializers.ChoiceField(
        SAID, required=False, help_text="Left out: as it is. resolved closes it, which not everybody may."
    )
    since = Instant(required=False, help_text="Since when the components are so; left out: now.")
    closed_at = Instant(required=False, help_text="With resolved: when it was over; left out: now.")


class Correction(ActedBy):
    """What an update says instead; the trail keeps what it said."""

    public_text = serializers.CharField(required=False, allow_blank=True)
    internal_note = serializers.CharField(required=False, allow_blank=True)


class Closing(OfVersion, Saying):
    """It is over; every component is as it should be."""

    closed_at = Instant(required=False, help_text="When it was over; left out: now.")


class Reopened(OfVersion):
    """It was not over."""

    because = serializers.CharField(help_text="Why, in a line; for us alone.")
    public_text = serializers.CharField(required=False, allow_blank=True, help_text="What the public reads of it.")


class Because(ActedBy):
    """Why, in a line."""

    because = serializers.CharField(help_text="Why, in a line; for us alone.")


class IncidentSnooze(Because):
    """How long nobody is reminded of what is owed, and why; when it is due does not move."""

    minutes = serializers.IntegerField(min_value=1, max_value=7 * 24 * 60, help_text="At most a week.")


class Invalidation(OfVersion, Because):
    """It was no incident."""


class Publication(OfVersion):
    """What waits, and these updates, are read by everybody from now on."""

    public_text = serializers.CharField(
        required=False, allow_blank=True, help_text="Said first; needed where no update has a public text."
    )
    updates = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=1_000_000),
        required=False,
        help_text="Positions of updates whose public text nobody outside read yet.",
    )


class RCALink(ActedBy):
    """Where it can be read why it happened."""

    url = serializers.CharField(max_length=500, help_text="Starts with https://.")
    public = serializers.BooleanField(required=False, default=False, help_text="Whether the public may follow it.")


class Links(ActedBy):
    """What it is about from now on, and what no longer."""

    tickets = _tickets("Numbers of tickets to link.")
    rfhs = _rfhs("Numbers of requests for help to link.")
    tickets_removed = _tickets("Numbers of tickets it is not about.")
    rfhs_removed = _rfhs("Numbers of requests for help it is not about.")
