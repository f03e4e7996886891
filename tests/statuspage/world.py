"""A world of which the public may know a part: every field of it filled with what can be searched for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models

from apps.incidents import services
from apps.incidents.models import RCA, Action, Component, ComponentGroup, Maintenance, MaintenanceUpdate, Pin
from apps.statuspage.models import Subscriber
from tests import make

# What the public may read, of rows it may know of. Everything else is for us alone.
PUBLIC = {
    "incidents.Incident": {"public_title", "rca_url", "public_id"},
    "incidents.Update": {"public_text", "public_id", "components"},
    "incidents.Component": {"name", "description", "public_id"},
    "incidents.ComponentGroup": {"name", "public_id"},
    "incidents.Maintenance": {"title", "public_text", "public_id"},
    "incidents.MaintenanceUpdate": {"public_text", "public_id"},
    "incidents.Severity": {"banner"},
    "people.Agent": {"public_name"},
}
Fill = Callable[[str, str, int], str]
# For a browser to stumble over; the number first, as some names are there once.
DANGEROUS = (
    '"><script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1)) <svg onload=alert(1)>'
    " ![p](https://evil.example/p.png) </title></style><script>alert(1)</script> '; alert(1); ' {{ 7|add:7 }}"
)


def canary(model: str, name: str, pk: int) -> str:
    """What nothing else says, and what can be traced to its field."""
    return f"zq{hashlib.sha256(f'{model}.{name}.{pk}'.encode()).hexdigest()[:8]}"


def dangerous(model: str, name: str, pk: int) -> str:
    """What runs where it is not escaped."""
    return "javascript:alert(1)" if name == "rca_url" else f"{pk}{DANGEROUS}"


@dataclass
class World:
    """The rows of which the public may know, unless they say so themselves."""

    shown: list[models.Model]


def build(now: datetime) -> World:
    """An incident, a component, maintenance of which everybody knows, and of each what nobody may know of."""
    who, other = make.agent("Ana"), make.agent("Farid")
    by = make.acting()
    shown_group, hidden_group = (
        ComponentGroup.objects.create(name=name, created_at=now, updated_at=now) for name in ("Product", "Inside")
    )
    long_ago = now - timedelta(days=200)
    component = make.component("api", group=shown_group, created_at=long_ago)
    # In a shown group, in one of its own, and put away.
    secrets = [
        make.component("secret", group=shown_group, public=False),
        make.component("inner", group=hidden_group, public=False),
        make.component("gone", group=hidden_group, archived_at=now),
    ]
    affected = [{"slug": "api", "status": "partial_outage"}, {"slug": "secret", "status": "major_outage"}]
    said = {"public_text": "We look.", "internal_note": "It is the disk.", "description": "What we saw."}
    people = {"point": who, "contact": who, "lead": other}
    at = now - timedelta(hours=5)
    shown = make.incident(now=at, components=affected, tickets=[make.ticket()], rfhs=[make.rfh()], **people, **said)
    services.post_update(shown, by=by, now=at, internal_note="Among ourselves.")
    services.post_update(shown, by=by, now=at, public_text="Not yet.", published=False)
    services.close(shown, by=by, now=now - timedelta(hours=1), public_text="All is well.")
    services.link_rca(shown, url="https://example.com/rca", public=True, by=by, now=now)
    secret = make.incident("Secret", now=at, components=affected, published=False, **people, **said)
    unpublished = make.incident("Taken back", now=at, components=affected, **said)
    services.unpublish(unpublished, because="A secret.", by=by, now=now)
    invalid = make.incident("None at all", now=at, components=affected, **said)
    services.mark_invalid(invalid, because="It was none.", by=by, now=now)
    private_rca = make.incident("Known, but not why", now=at, **said)
    services.close(private_rca, by=by, now=now)
    services.link_rca(private_rca, url="https://example.com/private", by=by, now=now)
    for each in (shown, secret):
        rca = RCA.objects.create(incident=each, summary="x", started_at=now, updated_at=now)
        Action.objects.create(rca=rca, text="x", owner=other)
        Pin.objects.create(incident=each, channel="C1", ts="1.1", text="x", said_at=now, author="x", pinned_by="x")
    planned = [
        _maintenance(now, [component, secrets[0]]),
        _maintenance(now, [component], public=False),
        _maintenance(now, [secrets[0]]),
    ]
    Subscriber.objects.create(
        kind="webhook", email="a@example.com", url="https://a.example", asked_at=now, confirmed_at=now
    )
    return World([shown_group, component, planned[0], who])


def _maintenance(now: datetime, components: list[Component], **fields: Any) -> Maintenance:
    found = Maintenance.objects.create(
        title="x",
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=2),
        created_at=now,
        updated_at=now,
        **fields,
    )
    found.components.set(components)
    MaintenanceUpdate.objects.create(maintenance=found, position=1, status="scheduled", public_text="x", by="x", at=now)
    return found


def is_shown(row: Any, world: World) -> bool:
    """Whether the public may know of the row."""
    if isinstance(row, MaintenanceUpdate):
        return row.maintenance in world.shown
    if row._meta.label == "incidents.Update":
        return row.published_at is not None and row.incident.published_at is not None and row.incident.at != "invalid"
    if row._meta.label == "incidents.Incident":
        return row.published_at is not None and row.at != "invalid"
    return row in world.shown or row._meta.label == "incidents.Severity"


def fill(world: World, text: Fill) -> tuple[dict[str, str], dict[str, str]]:
    """Every text of incidents and those they are about says `text`; what the public may read, and what it may not."""
    may: dict[str, str] = {}
    may_not: dict[str, str] = {}
    labels = [model._meta.label for model in apps.get_app_config("incidents").get_models()]
    for label in [*labels, "people.Agent", "tickets.Ticket", "rfhs.RFH", "statuspage.Subscriber"]:
        model = apps.get_model(label)
        for row in model._default_manager.all():
            public = PUBLIC.get(label, set()) if is_shown(row, world) else set()
            for each in model._meta.concrete_fields:
                if not _is_text(each):
                    continue
                value = f"{getattr(row, each.name) or ''}"
                if not isinstance(each, models.JSONField) and each.name != "public_id":
                    value = text(label, each.name, row.pk)[: each.max_length]
                    model._default_manager.filter(pk=row.pk).update(**{each.name: value})
                elif each.name != "public_id":
                    continue
                if label == "incidents.Incident" and each.name == "rca_url" and not row.rca_public:
                    public = public - {"rca_url"}
                (may if each.name in public else may_not)[value] = f"{label}.{each.name} of {row.pk}"
    return may, may_not


def _is_text(each: models.Field[Any, Any]) -> bool:
    return isinstance(each, models.CharField | models.TextField) and not each.choices and not each.generated
