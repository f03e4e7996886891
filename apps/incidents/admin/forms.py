"""What people type in the dialogs of an incident."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from apps.incidents.admin.component_fields import ComponentsField
from apps.incidents.admin.dialog import StepForm
from apps.incidents.errors import BadIncident
from apps.incidents.models import Incident, Severity, Update
from apps.incidents.selectors import affected
from apps.incidents.services.texts import LONGEST_LINE
from apps.incidents.states import NAMES, OPEN
from apps.people.models import Agent
from apps.rfhs.errors import RFHError
from apps.rfhs.models import RFH
from apps.rfhs.selectors import find as find_rfh
from apps.statuspage.markdown import render
from apps.tickets.errors import TicketError
from apps.tickets.models import Ticket
from apps.tickets.services import find as find_ticket

MARKDOWN = "Markdown. Everybody on the internet may read it: no customer’s name, nothing internal."
FOR_US = "For us alone. It never leaves the portal."


def text(label: str, *, help_text: str = "", rows: int = 4, required: bool = False) -> forms.CharField:
    """A text of several lines; its length is the service's to refuse, so that nothing is cut off."""
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, required=required, strip=False)


def line(label: str, *, help_text: str = "", required: bool = True, longest: int = LONGEST_LINE) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, help_text=help_text, required=required, max_length=longest, widget=widget)


def instant(label: str, empty: str) -> forms.DateTimeField:
    """In the viewer's zone, which the page names; `empty` says what an empty one means."""
    field = forms.DateTimeField(
        label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
    )
    field.help_text = empty
    return field


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody who works here, or nobody."""

    def __init__(self, label: str, help_text: str) -> None:
        super().__init__(
            Agent.objects.none(),
            label=label,
            help_text=help_text,
            required=False,
            empty_label="Nobody",
            widget=UnfoldAdminSelectWidget(),
        )


class BecauseForm(StepForm):
    """A reason, in a line."""

    because = line("Why")


class SaidForm(StepForm):
    """Something is said with it: to the public, among ourselves, or both."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    public_text = text("To the public", help_text=MARKDOWN)
    internal_note = text("Among ourselves", help_text=FOR_US)
    at_once = forms.BooleanField(label="", required=False, initial=True, widget=UnfoldBooleanWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "closed_at"):
            if name in self.fields:
                zone = timezone.get_current_timezone_name()
                self.fields[name].help_text = f"In {zone}. {self.fields[name].help_text}"

    def fit(self, incident: Incident) -> None:
        self.initial.setdefault("key", f"form:{uuid.uuid4()}")
        if self.publishes:
            self.fields["at_once"].label = "The public reads it at once"
            self.fields["at_once"].help_text = "Off: it stays among ourselves until somebody publishes it."
        else:
            self.fields["at_once"].label = "Ask a manager or lead to publish it"
            self.fields["at_once"].help_text = "They see at once that it waits. Off: it stays among ourselves."

    @property
    def said(self) -> dict[str, Any]:
        """What the service takes of it."""
        given = self.cleaned_data
        return {
            "public_text": given["public_text"],
            "internal_note": given["internal_note"],
            "published": None if given["at_once"] else False,
            "key": given["key"],
        }


class UpdateForm(SaidForm):
    """How it stands now."""

    status = forms.ChoiceField(label="How it stands", widget=UnfoldAdminSelectWidget())
    severity = forms.ChoiceField(label="Severity", widget=UnfoldAdminSelectWidget())
    components = ComponentsField(label="What it affects", required=False)
    since = instant("Affected so since", "Empty: now.")

    field_order = ["status", "public_text", "at_once", "internal_note", "severity", "components", "since"]

    def fit(self, incident: Incident) -> None:
        super().fit(incident)
        self.fields["status"].choices = [  # type: ignore[attr-defined]
            (str(state), name) for state, name in NAMES.items() if state in OPEN
        ]
        self.fields["severity"].choices = severities()  # type: ignore[attr-defined]
        self.initial |= {"status": incident.status, "severity": incident.severity}
        show_components(self, incident)

    @property
    def said(self) -> dict[str, Any]:
        given, shown = self.cleaned_data, self.incident
        changed = given["severity"] != shown.severity
        return {
            **super().said,
            "status": given["status"],
            "changes": {"severity": given["severity"]} if changed else {},
            "components": given["components"],
            "since": given["since"],
        }


class ComponentsForm(StepForm):
    """What it affects, without a further word."""

    components = ComponentsField(label="What it affects", required=False)
    since = instant("Affected so since", "Empty: now.")

    def fit(self, incident: Incident) -> None:
        show_components(self, incident)
        self.fields["since"].help_text = f"In {timezone.get_current_timezone_name()}. Empty: now."


class CloseForm(SaidForm):
    """It is over."""

    closed_at = instant("When it ended", "Empty: now.")

    field_order = ["closed_at", "public_text", "at_once", "internal_note"]

    @property
    def said(self) -> dict[str, Any]:
        return {**super().said, "closed_at": self.cleaned_data["closed_at"]}


class ReopenForm(StepForm):
    """It was not over."""

    because = line("Why it is not over", help_text=FOR_US)
    public_text = text("To the public", help_text=MARKDOWN)


class RCAForm(StepForm):
    """Where the root cause analysis is."""

    url = line("Its address", longest=500, help_text="It starts with https://.")
    public = forms.BooleanField(
        label="The public may follow it",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="The status page links it. Make sure that anybody may read what is there.",
    )

    def fit(self, incident: Incident) -> None:
        self.initial |= {"url": incident.rca_url, "public": incident.rca_public}
        if not self.publishes:
            del self.fields["public"]


class PublishForm(StepForm):
    """What the public reads from now on."""

    public_text = text("A further word to the public", help_text=MARKDOWN)
    updates = forms.TypedMultipleChoiceField(
        label="Texts that were kept among ourselves, to be published too",
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    def fit(self, incident: Incident) -> None:
        kept = incident.updates.filter(published_at=None, awaiting=False).exclude(public_text="").order_by("position")
        self.fields["updates"].choices = [  # type: ignore[attr-defined]
            (update.position, f"{update.position}: {' '.join(update.public_text.split())[:120]}") for update in kept
        ]
        if not kept:
            del self.fields["updates"]
        has_text = incident.updates.filter(published_at__isnull=False) | incident.updates.filter(awaiting=True)
        if not has_text.exclude(public_text="").exists() and not kept:
            self.fields["public_text"].label = "What the public reads"

    def render_before_template(self) -> SafeString:
        shown = self.incident
        waiting = list(shown.updates.filter(awaiting=True).order_by("position"))
        context = {
            "shown": shown,
            "impact": Severity.objects.filter(severity=shown.severity).first(),
            "waiting": waiting,
            "rendered": {update.pk: SafeString(render(update.public_text)) for update in waiting},
            "components": affected(shown).items(),
        }
        return super().render_before_template() + render_to_string("admin/incidents/incident/to_publish.html", context)


class EditForm(StepForm):
    """What an update says; which one is in the address."""

    public_text = text("To the public", help_text=MARKDOWN)
    internal_note = text("Among ourselves", help_text=FOR_US)

    def fit(self, incident: Incident) -> None:
        update = self.update
        self.initial |= {"public_text": update.public_text, "internal_note": update.internal_note}
        if update.published_at and not self.publishes:
            self.fields["public_text"].disabled = True
            self.fields["public_text"].help_text = "The public reads it: a manager or lead can put it right."

    @property
    def update(self) -> Update:
        """The update that is put right. Raises BadIncident where there is none."""
        said = str(self.request.GET.get("update", ""))
        number = int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 0
        found = Update.objects.filter(incident=self.incident, position=number).first()
        if found is None:
            # The address was typed; the first there is says best what this is for.
            found = Update.objects.filter(incident=self.incident).order_by("position").first()
        if found is None:
            raise BadIncident("", f"Nothing was said of {self.incident} yet.")
        return found


class PeopleForm(StepForm):
    """Who does what."""

    point = PersonField("Point", "Who works on it.")
    contact = PersonField("Contact", "Whom everybody asks, and who owes the updates.")
    lead = PersonField("Lead", "Who leads; whoever is on duty unless somebody says another.")

    def fit(self, incident: Incident) -> None:
        for name in ("point", "contact", "lead"):
            known = getattr(incident, f"{name}_id")
            # Who left stays chosen until somebody chooses another.
            people = Agent.objects.filter(is_active=True) | Agent.objects.filter(pk=known or 0)
            self.fields[name].queryset = people.order_by("first_name", "last_name", "email")  # type: ignore[attr-defined]
            self.initial.setdefault(name, known)


class LinksForm(StepForm):
    """Which tickets and requests it is about."""

    tickets = forms.CharField(
        label="Tickets, by number",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="With commas between, such as 4711, 4712. All it is about: one that you take out is linked no more.",
    )
    rfhs = forms.CharField(
        label="Requests for help, by number",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="With commas between, such as RFH-12, RFH-13.",
    )

    def fit(self, incident: Incident) -> None:
        self.initial |= {
            "tickets": ", ".join(ticket.number for ticket in incident.tickets.order_by("number")),
            "rfhs": ", ".join(str(rfh) for rfh in incident.rfhs.order_by("pk")),
        }
        for field in self.fields.values():
            # What was shown travels along, so that what somebody else links meanwhile stays.
            field.show_hidden_initial = True

    def clean_tickets(self) -> list[Ticket]:
        return _found(self.cleaned_data["tickets"], find_ticket, TicketError)

    def clean_rfhs(self) -> list[RFH]:
        return _found(self.cleaned_data["rfhs"], find_rfh, RFHError)

    @property
    def said(self) -> dict[str, Any]:
        """What this person added and took out of what they were shown."""
        shown = {name: _split(self[name].initial or "") for name in ("tickets", "rfhs")}
        data: Mapping[str, Any] = self.data
        for name in shown:
            if (back := data.get(self.add_initial_prefix(name))) is not None:
                shown[name] = _split(back)
        given = self.cleaned_data
        tickets, rfhs = given["tickets"], given["rfhs"]
        kept_tickets, kept_rfhs = {each.number for each in tickets}, {str(each) for each in rfhs}
        return {
            "tickets": [each for each in tickets if each.number not in shown["tickets"]],
            "rfhs": [each for each in rfhs if str(each) not in shown["rfhs"]],
            "tickets_removed": list(Ticket.objects.filter(number__in=set(shown["tickets"]) - kept_tickets)),
            "rfhs_removed": [find_rfh(number) for number in shown["rfhs"] if number not in kept_rfhs],
        }


def severities() -> list[tuple[str, str]]:
    """For a box: each with its level and meaning."""
    return [(row.severity, f"{row.severity} · {row.level} · {row.meaning}") for row in Severity.objects.all()]


def show_components(form: StepForm, incident: Incident) -> None:
    """Offer the components, with how the incident leaves them."""
    field: Any = form.fields["components"]
    field.show({component: change.status for component, change in affected(incident).items()})


def _split(said: str) -> list[str]:
    return [part for part in re.split(r"[,;\s]+", said.replace("\x00", "")) if part]


def _found(said: str, find: Any, refusal: type[Exception]) -> list[Any]:
    """Each that is named. Raises ValidationError, naming what is unknown."""
    found, unknown = {}, []
    for number in _split(said):
        try:
            each = find(number.removeprefix("#"))
            found[each.pk] = each
        except refusal:
            unknown.append(number[:64])
    if unknown:
        raise forms.ValidationError(f"There is none with the number {', '.join(unknown)}.")
    return list(found.values())
