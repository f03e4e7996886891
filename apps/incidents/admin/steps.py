"""What is done about an incident, each a dialog: which steps are legal says the table in states.py."""

from __future__ import annotations

from datetime import datetime

from unfold.enums import ActionVariant

from apps.incidents import services
from apps.incidents.admin.dialog import StepForm, asks
from apps.incidents.admin.forms import (
    BecauseForm,
    CloseForm,
    ComponentsForm,
    LinksForm,
    PeopleForm,
    RCAForm,
    ReopenForm,
    UpdateForm,
)
from apps.incidents.models import Incident
from apps.incidents.states import Step
from apps.people.acting import Acting

# The action of each step.
ACTIONS: dict[Step, str] = {
    Step.ACKNOWLEDGE: "acknowledge",
    Step.UPDATE: "post_update",
    Step.CLOSE: "close",
    Step.REOPEN: "reopen",
    Step.LINK_RCA: "link_rca",
    Step.MARK_INVALID: "mark_invalid",
    Step.OPEN_CHANNEL: "open_channel",
}
# What leads on; the others lead aside, and are in a second row.
MAIN = ("acknowledge", "post_update", "close")
# Of managers and leads.
THEIRS = frozenset({"close", "mark_invalid", "publish", "decline", "unpublish"})


class Steps:
    """Part of the admin of incidents."""

    @asks(
        "Acknowledge",
        "You look at it: the time to acknowledge is counted to here. If nobody works on it, you do.",
        "Yes, I look at it",
        StepForm,
        icon="front_hand",
        variant=ActionVariant.PRIMARY,
    )
    def acknowledge(self, incident: Incident, form: StepForm, by: Acting, now: datetime) -> str:
        services.acknowledge(incident, by=by, now=now)
        return f"{incident} is acknowledged."

    @asks(
        "Post an update",
        "To the public, among ourselves, or both: the two are apart, and only the first can reach the status page.",
        "Post it",
        UpdateForm,
        icon="campaign",
        variant=ActionVariant.PRIMARY,
    )
    def post_update(self, incident: Incident, form: UpdateForm, by: Acting, now: datetime) -> str:
        update = services.post_update(incident, **form.said, by=by, now=now, version=form.read)
        if update.published_at:
            return "The update is posted, and the public reads it."
        return f"The update is posted{'; it waits for approval.' if update.awaiting else ' among ourselves.'}"

    @asks(
        "Close",
        "It is over, and every component is as it should be. The time to resolve is counted to its end.",
        "Yes, it is over",
        CloseForm,
        icon="check_circle",
        permission="publish",
    )
    def close(self, incident: Incident, form: CloseForm, by: Acting, now: datetime) -> str:
        services.close(incident, **form.said, by=by, now=now, version=form.read)
        return f"{incident} is closed."

    @asks("Reopen", "It was not over after all.", "Reopen it", ReopenForm, icon="refresh")
    def reopen(self, incident: Incident, form: ReopenForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in ("because", "public_text")}
        services.reopen(incident, **said, by=by, now=now, version=form.read)
        return f"{incident} is open again."

    @asks(
        "Mark as invalid",
        "It was no incident: no figure counts it, and the status page forgets it at once. It can be reopened.",
        "Yes, it was none",
        BecauseForm,
        icon="do_not_disturb_on",
        variant=ActionVariant.DANGER,
        permission="publish",
    )
    def mark_invalid(self, incident: Incident, form: BecauseForm, by: Acting, now: datetime) -> str:
        because = form.cleaned_data["because"]
        services.mark_invalid(incident, because=because, by=by, now=now, version=form.read)
        return f"{incident} is marked as invalid."

    @asks(
        "Link the RCA",
        "Where one can read why it happened.",
        "Link it",
        RCAForm,
        icon="link",
    )
    def link_rca(self, incident: Incident, form: RCAForm, by: Acting, now: datetime) -> str:
        public = form.cleaned_data.get("public", incident.rca_public)
        services.link_rca(incident, url=form.cleaned_data["url"], public=public, by=by, now=now)
        return f"The RCA of {incident} is linked."

    @asks(
        "Open a channel",
        "It gets a channel of its own in Slack. Its point, contact and lead are invited, and so is the "
        "team that comes on duty.",
        "Open it",
        StepForm,
        icon="forum",
    )
    def open_channel(self, incident: Incident, form: StepForm, by: Acting, now: datetime) -> str:
        if services.open_channel(incident, by=by, now=now):
            return "The channel is asked for. You hear in Slack when it is there, and its address is on this page."
        return "It has a channel, or is about to get one."

    @asks(
        "Change what it affects",
        "From then on, without a further word. Of a published incident the public reads it.",
        "Change it",
        ComponentsForm,
        icon="lan",
        button="Change what it affects",
    )
    def affect(self, incident: Incident, form: ComponentsForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in ("components", "since")}
        services.post_update(incident, **said, by=by, now=now, version=form.read)
        return "What it affects is changed."

    @asks(
        "Who does what",
        "They see it on their home page. An owner who is late with updates hears of it.",
        "Save",
        PeopleForm,
        icon="group",
    )
    def assign(self, incident: Incident, form: PeopleForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in form.changed_data if name in {"point", "contact", "lead"}}
        changed = services.change(incident, said, by=by, now=now, version=form.read)
        return "It is changed who does what." if changed else "Nothing changed."

    @asks(
        "Tickets and requests",
        "What it is about. Its story is then told on theirs, too.",
        "Save",
        LinksForm,
        icon="link",
        button="Link tickets and requests",
    )
    def link_others(self, incident: Incident, form: LinksForm, by: Acting, now: datetime) -> str:
        changed = services.link(incident, **form.said, by=by, now=now)
        return "The links are changed." if changed else "Nothing changed."
