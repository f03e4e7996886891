"""What the form of a policy asks for, by what the policy is about."""

from __future__ import annotations

from typing import Any

from apps.sla.forms import FIELDS, fields_of
from apps.sla.models import Policy

_TICKET = (
    (None, {"fields": ("name", "enabled", "position")}),
    (
        "Which tickets",
        {
            "description": "A ticket is governed when all of these hold; what is left empty means any.",
            "fields": (("plans", "without_plan"), "severities", "channels", "excluded_types"),
        },
    ),
    ("What is promised", {"fields": ("within",)}),
)
_PAGE = (
    (None, {"fields": ("name", "enabled", "position")}),
    (
        "Which pages",
        {
            "description": "A page is governed when all of these hold; what is left empty means any.",
            "fields": ("teams", "severities"),
        },
    ),
    (
        "What is promised",
        {
            "description": "The tiers speak one after the other until somebody acknowledges. The first may speak "
            "“at once”. A role without a rotation is of the team that is paged.",
            "fields": ("within", "repeat"),
        },
    ),
)
_RFH = (
    (None, {"fields": ("name", "enabled", "position")}),
    (
        "Which requests for help",
        {
            "description": "A request is governed when all of these hold; what is left empty means any.",
            "fields": ("teams", "priorities"),
        },
    ),
    (
        "What is promised",
        {
            "description": "Each that is filled in has tiers of its own below. A role without a rotation is of "
            "the team that has the request; of updates, of the team that kept the duty to tell how it goes.",
            "fields": tuple(FIELDS.values()),
        },
    ),
)
_INCIDENT = (
    (None, {"fields": ("name", "enabled", "position")}),
    (
        "Which incidents",
        {
            "description": "An incident is governed when all of these hold; what is left empty means any.",
            "fields": ("levels", "severities"),
        },
    ),
    (
        "What is promised",
        {
            "description": "Each that is filled in has tiers of its own below. The contact owes the updates, and "
            "where there is none the point; the lead is who is named, else who is on duty as lead of the SET. A "
            "role without a rotation is of the SET.",
            "fields": tuple(fields_of(Policy.AppliesTo.INCIDENT).values()),
        },
    ),
)

FIELDSETS: dict[str, Any] = {
    Policy.AppliesTo.TICKET: _TICKET,
    Policy.AppliesTo.PAGE: _PAGE,
    Policy.AppliesTo.RFH: _RFH,
    Policy.AppliesTo.INCIDENT: _INCIDENT,
}
