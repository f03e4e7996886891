"""What the public may read of an incident, each a dialog."""

from __future__ import annotations

from datetime import datetime

from unfold.enums import ActionVariant

from apps.incidents import services
from apps.incidents.admin.dialog import asks
from apps.incidents.admin.forms import BecauseForm, EditForm, PublishForm
from apps.incidents.models import Incident
from apps.incidents.states import State
from apps.people.acting import Acting

# What the public reads a copy of.
TOLD = ("title", "status", "impact", "severity", "reported_at", "closed_at")


def possible(incident: Incident) -> list[str]:
    """The actions that make sense as the incident is, in the order of their buttons."""
    kept = incident.updates.filter(published_at=None).exclude(public_text="").exists()
    waits = incident.awaiting_since is not None
    behind = any(getattr(incident, each) != getattr(incident, f"public_{each}") for each in TOLD)
    wanted = {
        "publish": incident.at != State.INVALID and (waits or incident.published_at is None or kept or behind),
        "decline": waits,
        "unpublish": incident.published_at is not None,
    }
    return [name for name, sensible in wanted.items() if sensible]


class Publishing:
    """Part of the admin of incidents."""

    @asks(
        "Publish",
        "The status page, its feeds and its subscribers tell it to everybody, within seconds.",
        "Publish it",
        PublishForm,
        icon="public",
        variant=ActionVariant.PRIMARY,
        permission="publish",
    )
    def publish(self, incident: Incident, form: PublishForm, by: Acting, now: datetime) -> str:
        updates = form.cleaned_data.get("updates", ())
        text = form.cleaned_data["public_text"]
        services.publish(incident, public_text=text, updates=updates, by=by, now=now, version=form.read)
        return f"The public reads {incident} as it stands."

    @asks(
        "Decline",
        "What waits stays among ourselves. Whoever wrote it reads why.",
        "Decline it",
        BecauseForm,
        icon="block",
        permission="publish",
    )
    def decline(self, incident: Incident, form: BecauseForm, by: Acting, now: datetime) -> str:
        services.decline(incident, because=form.cleaned_data["because"], by=by, now=now)
        return "It stays among ourselves."

    @asks(
        "Take it off the public page",
        "Page, feeds and figures of components forget it at once. Who read it, read it. It can be published again.",
        "Yes, take it off",
        BecauseForm,
        icon="visibility_off",
        variant=ActionVariant.DANGER,
        permission="publish",
    )
    def unpublish(self, incident: Incident, form: BecauseForm, by: Acting, now: datetime) -> str:
        services.unpublish(incident, because=form.cleaned_data["because"], by=by, now=now)
        return f"{incident} is not on the public page any more."

    @asks(
        "Put an update right",
        "What it said before stays in the story. Of a published one the public reads the new words.",
        "Save",
        EditForm,
        icon="edit",
    )
    def edit_update(self, incident: Incident, form: EditForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in ("public_text", "internal_note")}
        services.edit_update(form.update, **said, by=by, now=now, version=form.read)
        return f"Update {form.update.position} is put right."
