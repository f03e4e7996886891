"""Writing an RCA: two may at once, field by field, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from apps.dashboard.incident_story import HAPPENED, story_of, text_of
from apps.incidents import rights
from apps.incidents.affecting import spans
from apps.incidents.doors import incident_of, viewer_of
from apps.incidents.errors import BadIncident, ChangedMeanwhile, IncidentError
from apps.incidents.models import RCA, Action, Incident
from apps.incidents.rca.forms import ActionForms, first_rows, people_of, sealed
from apps.incidents.rca.template import HINTS, Hit, Known, begun
from apps.incidents.selectors import severity_row
from apps.incidents.services import rca as services
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.form.merging import merge, seal
from apps.statuspage.markdown import render as render_text
from apps.trail.access import may_read

LABELS = {"summary": "Summary", "impact": "Impact", "timeline": "Timeline", "causes": "Causes"}
ROWS = {"summary": 5, "impact": 7, "timeline": 16, "causes": 14}
# Somebody else may write in the very moment between reading and writing.
TRIES = 3


@dataclass
class Field:
    """A text on the page: as typed, as it was read, what is wrong, and what somebody else wrote there meanwhile."""

    name: str
    value: str
    was: str
    wrong: str = ""
    theirs: str | None = None

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def hint(self) -> str:
        return HINTS[self.name]

    @property
    def html(self) -> SafeString:
        """The text as it is read."""
        return SafeString(render_text(self.value))

    @property
    def rows(self) -> int:
        return ROWS[self.name]


@dataclass
class Outcome:
    """What became of a press: what is wrong by field, what somebody else wrote there, and why not."""

    saved: bool
    wrong: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)
    refusal: str = ""

    @property
    def is_clean(self) -> bool:
        return self.saved and not (self.wrong or self.theirs or self.refusal)


@dataclass
class Changed:
    """The actions to write and to remove, and those that somebody else changed, too."""

    todos: list[services.Todo] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Why it happened: read by who may see the incident, written by who may change it."""
    viewer = viewer_of(request)
    incident = incident_of(number)
    rca = RCA.objects.filter(incident=incident).first()
    if request.method != "POST":
        return _show(request, incident, rca)
    if not rights.may_change(viewer):
        raise PermissionDenied
    by, do = Acting(viewer), request.POST.get("do", "")
    if rca is None:
        _, fresh = services.begin(incident, texts=_begun(request, incident), by=by, now=timezone.now())
        messages.success(request, "It is begun." if fresh else "Somebody began it in this moment: write on.")
        return _back(incident)
    if rca.finished_at is not None:
        return _after_the_end(request, incident, rca, do, by)
    return _write(request, incident, rca, do, by)


def _after_the_end(request: HttpRequest, incident: Incident, rca: RCA, do: str, by: Acting) -> HttpResponse:
    if do == "take_up":
        services.take_up(rca, by=by, now=timezone.now())
        if _was_writing(request):
            return _write(request, incident, rca, "save", by)
        messages.success(request, "Write on. Finish it again when it is done; the link stays.")
        return _back(incident)
    verb, _, key = do.partition(":")
    action = Action.objects.filter(rca=rca, pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if verb in {"done", "undone"} and action is not None:
        services.mark_action(action, done=verb == "done", by=by, now=timezone.now())
        return _back(incident)
    if not _was_writing(request):
        messages.warning(request, "Somebody finished the RCA meanwhile. Write on to change it.")
        return _show(request, incident, rca)
    fields = [Field(name, request.POST[name], request.POST.get(f"was-{name}", "")) for name in services.TEXTS]
    refusal = "Somebody finished the RCA meanwhile, so nothing is saved. What you typed is below: write on to save it."
    return _show(request, incident, rca, fields=fields, rows=_rows(request, rca), refusal=refusal, status=422)


def _was_writing(request: HttpRequest) -> bool:
    """Whether the form with all texts was sent, and not a button of the finished page."""
    return all(name in request.POST for name in services.TEXTS)


def _rows(request: HttpRequest, rca: RCA) -> Any:
    return ActionForms(request.POST, prefix="action", form_kwargs={"people": people_of(rca)})


def _write(request: HttpRequest, incident: Incident, rca: RCA, do: str, by: Acting) -> HttpResponse:
    """Save what was typed, also before it is finished or a row is added."""
    typed = {name: services.kept(request.POST.get(name, "")) for name in services.TEXTS}
    was = {name: request.POST.get(f"was-{name}", "") for name in services.TEXTS}
    rows = _rows(request, rca)
    if do == "timeline":
        typed["timeline"] = _timeline(request, incident)
        messages.info(request, "The timeline is as the story tells it now. It is not saved yet: look at it, then save.")
        fields = [Field(name, typed[name], was[name]) for name in services.TEXTS]
        return _show(request, incident, rca, fields=fields, rows=rows)
    outcome = _save(rca, typed, was, rows, by)
    if outcome.is_clean and do != "finish":
        messages.success(request, "Saved.")
        return HttpResponseRedirect(f"{_address(incident)}{'#actions' if do == 'row' else ''}")
    if outcome.is_clean:
        outcome = _finish(request, incident, rca, by)
        if outcome.is_clean:
            messages.success(request, f"It is finished, and linked as the RCA of {incident}.")
            return _back(incident)
    if outcome.saved:
        was = {name: seal(getattr(rca, name)) for name in services.TEXTS}
    fields = [
        Field(name, typed[name], was[name], outcome.wrong.get(name, ""), outcome.theirs.get(name))
        for name in services.TEXTS
    ]
    elsewhere = [said for name, said in outcome.wrong.items() if name not in services.TEXTS]
    refusal = " ".join(filter(None, [outcome.refusal, *elsewhere]))
    # What is saved has its rows by now; of what is not, the rows are as they were typed.
    return _show(
        request, incident, rca, fields=fields, rows=None if outcome.saved else rows, refusal=refusal, status=422
    )


def _finish(request: HttpRequest, incident: Incident, rca: RCA, by: Acting) -> Outcome:
    root = settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")
    try:
        services.finish(rca, url=f"{root}{_address(incident)}", by=by, now=timezone.now())
    except BadIncident as refused:
        return Outcome(saved=True, wrong={name: " ".join(said) for name, said in refused.errors.items()})
    except IncidentError as refused:
        return Outcome(saved=True, refusal=str(refused))
    return Outcome(saved=True)


def _save(rca: RCA, typed: Mapping[str, str], was: Mapping[str, str], rows: Any, by: Acting) -> Outcome:
    """What was typed is saved, as far as nobody else wrote there."""
    if not rows.is_valid():
        return Outcome(saved=False, refusal="Something in the actions has to be put right; nothing is saved yet.")
    for _ in range(TRIES):
        rca.refresh_from_db()
        merged = merge({name: getattr(rca, name) for name in services.TEXTS}, typed, was)
        changed = _compared(rca, rows)
        try:
            services.save(
                rca,
                texts=merged.changes,
                actions=changed.todos,
                removed=changed.removed,
                version=rca.version,
                by=by,
                now=timezone.now(),
            )
        except ChangedMeanwhile:
            continue
        except BadIncident as refused:
            return Outcome(saved=False, wrong={name: " ".join(said) for name, said in refused.errors.items()})
        lost = "; ".join(changed.conflicts)
        refusal = f"Somebody changed an action while you did, and theirs is kept. {lost}" if lost else ""
        return Outcome(saved=True, theirs=merged.conflicts, refusal=refusal)
    return Outcome(saved=False, refusal="Others are writing here just now. Nothing of yours is lost: save again.")


def _compared(rca: RCA, rows: Any) -> Changed:
    """Each row that was changed on the page, beside what is stored by now."""
    known = {action.pk: action for action in rca.actions.select_related("owner")}
    found = Changed()
    for row in rows.forms:
        if not row.is_about_something:
            continue
        stored = known.get(row.cleaned_data["key"])
        was, todo = row.cleaned_data["was"], row.todo
        if row.cleaned_data["remove"]:
            if stored is not None:
                found.removed.append(stored.pk)
        elif sealed(todo) == was or (stored is not None and sealed(stored) == sealed(todo)):
            continue
        elif stored is None or sealed(stored) == was:
            found.todos.append(todo)
        else:
            found.conflicts.append(f"Yours: “{todo.text}”. Theirs: “{stored.text}”")
    return found


def _show(
    request: HttpRequest,
    incident: Incident,
    rca: RCA | None,
    *,
    fields: list[Field] | None = None,
    rows: Any = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    may_change = isinstance(request.user, Agent) and rights.may_change(request.user)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"RCA of {incident}",
        "above": [
            {"title": "Incidents", "link": reverse("incidents:list")},
            {"title": str(incident), "link": reverse("incidents:story", args=[incident.pk])},
        ],
        "shown": incident,
        "rca": rca,
        "may_change": may_change,
        "writes": may_change and rca is not None and (rca.finished_at is None or fields is not None),
        "refusal": refusal,
        "elsewhere": incident.rca_url if incident.rca_url and not incident.rca_url.endswith(_address(incident)) else "",
        "hint": HINTS["actions"],
    }
    if rca is not None:
        stored = [Field(name, getattr(rca, name), seal(getattr(rca, name))) for name in services.TEXTS]
        context |= {
            "fields": fields or stored,
            "actions": list(rca.actions.select_related("owner").order_by("pk")),
            "rows": rows
            or ActionForms(initial=first_rows(rca), prefix="action", form_kwargs={"people": people_of(rca)}),
            "today": timezone.localdate(),
        }
    return render(request, "incidents/rca.html", context, status=status)


def _begun(request: HttpRequest, incident: Incident) -> dict[str, str]:
    tickets = list(incident.tickets.select_related("customer").order_by("opened_at", "pk"))
    known = Known(
        number=str(incident),
        title=incident.title,
        severity=incident.severity,
        meaning=severity_row(incident.severity).meaning,
        reported_at=incident.reported_at,
        acknowledged_at=incident.acknowledged_at,
        closed_at=incident.closed_at,
        public_at=incident.published_at,
        hits=[
            Hit(component.name, span.words, span.since, span.until)
            for component, found in spans(incident).items()
            for span in reversed(found)
        ],
        tickets=[ticket.number for ticket in tickets],
        customers=list(dict.fromkeys(str(ticket.customer) for ticket in tickets if ticket.customer)),
    )
    return begun(known, _timeline(request, incident))


def _timeline(request: HttpRequest, incident: Incident) -> str:
    story = story_of(incident, readable=partial(may_read, request.user))
    return text_of(story.of(HAPPENED))[: services.LONGEST]


def _address(incident: Incident) -> str:
    return reverse("incidents:rca", args=[incident.pk])


def _back(incident: Incident) -> HttpResponse:
    return HttpResponseRedirect(_address(incident))
