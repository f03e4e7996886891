"""Who would hear? A page of its own beside each policy: what might come, which policy governs it, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from apps.escalations.trying import Trial, attempt, attempt_incident, attempt_request
from apps.incidents.models import Incident, Severity
from apps.incidents.selectors import severity_row
from apps.people.models import Team
from apps.rfhs.models import RFH
from apps.sla.matching import Facts
from apps.sla.models import Policy
from apps.sla.selectors import rules
from apps.sla.trial_forms import IncidentTrialForm, RequestTrialForm, TicketTrialForm, TrialForm


class WhoWouldHear:
    """The page, for the policies' admin."""

    @action(description="Who would hear?", url_path="test", icon="co_present")
    def test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """If this came now: which policy governs and why, and who hears at each tier and why."""
        policy = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if policy is None:
            raise Http404(f"There is no policy {object_id}.")
        if policy.applies_to == Policy.AppliesTo.PAGE:
            messages.info(request, "Who would hear of a page is on the page's own page, step by step.")
            return HttpResponseRedirect(reverse("admin:sla_policy_change", args=[policy.pk]))
        if not self.has_view_permission(request, policy):  # type: ignore[attr-defined]
            raise PermissionDenied
        kind = KINDS[policy.applies_to]
        form = kind.form(request, policy)
        trial, at = None, None
        if form.is_valid():
            at = form.cleaned_data["at"] or timezone.now()
            trial = kind.attempt(form, at)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "original": policy,
            "title": f"Who would hear? {policy.name}",
            "form": form,
            "trial": trial,
            "at": at,
            "one": kind.one,
            "comes": kind.comes,
            "unless": kind.unless,
            "governs_here": bool(trial and trial.verdict.policy and trial.verdict.policy.id == policy.pk),
        }
        return TemplateResponse(request, "admin/sla/policy/test.html", context)


def _ticket_form(request: HttpRequest, policy: Policy) -> TrialForm:
    """What was asked, else a ticket this policy is for."""
    plan, channel = policy.plans.first(), policy.channels.first()
    typical = {
        "plan": plan.slug if plan else "",
        "severity": policy.severities[0] if policy.severities else "normal",
        "type": "question",
        "channel": channel.slack_id if channel else "",
        "at": "",
    }
    return TicketTrialForm(request.GET if "severity" in request.GET else typical)


def _try_ticket(form: TrialForm, at: datetime) -> Trial:
    said = form.cleaned_data
    facts = Facts(
        plan=said["plan"].slug if said["plan"] else "",
        severity=said["severity"],
        channel=said["channel"].slack_id if said["channel"] else "",
        type=said["type"],
    )
    return attempt(rules(), facts, at=at)


def _request_form(request: HttpRequest, policy: Policy) -> TrialForm:
    """What was asked, else a request this policy is for; without a team of its own one that has a rotation."""
    team = policy.teams.first() or Team.objects.filter(rotations__archived_at=None, rotations__isnull=False).first()
    team = team or Team.objects.first()
    typical: dict[str, Any] = {
        "team": team.slug if team else "",
        "priority": policy.priorities[0] if policy.priorities else "p2",
        "level": "",
        # Somebody has to answer to the customer; who asks will do.
        "accountable": request.user.email,  # type: ignore[union-attr]
    }
    return RequestTrialForm(request.GET if "priority" in request.GET else typical)


def _try_request(form: TrialForm, at: datetime) -> Trial:
    said = form.cleaned_data
    # Never saved: a request as it would be.
    rfh = RFH(
        team=said["team"],
        priority=said["priority"],
        level=said["level"],
        owner=said["owner"],
        accountable=said["accountable"],
    )
    return attempt_request(rules(Policy.AppliesTo.RFH), rfh, at=at)


def _incident_form(request: HttpRequest, policy: Policy) -> TrialForm:
    """What was asked, else an incident this policy is for; whoever asks is its contact."""
    severity = policy.severities[0] if policy.severities else _of_level(policy.levels)
    typical: dict[str, Any] = {
        "severity": severity,
        "level": "",
        "contact": request.user.email,  # type: ignore[union-attr]
    }
    return IncidentTrialForm(request.GET if "severity" in request.GET else typical)


def _of_level(levels: Sequence[str]) -> str:
    """The severity that the table has for the first of these levels; without any the worst."""
    row = Severity.objects.filter(level__in=levels).order_by("level", "severity").first() if levels else None
    return row.severity if row else "sev-1"


def _try_incident(form: TrialForm, at: datetime) -> Trial:
    said = form.cleaned_data
    # Never saved: an incident as it would be.
    incident = Incident(
        severity=said["severity"],
        level=said["level"] or severity_row(said["severity"]).level,
        contact=said["contact"],
        point=said["point"],
        lead=said["lead"],
    )
    return attempt_incident(rules(Policy.AppliesTo.INCIDENT), incident, at=at)


@dataclass(frozen=True)
class Kind:
    """What might come: its form, what would happen to it, and how the page speaks of it."""

    one: str
    comes: str
    unless: str
    form: Callable[[HttpRequest, Policy], TrialForm]
    attempt: Callable[[TrialForm, datetime], Trial]


KINDS: dict[str, Kind] = {
    Policy.AppliesTo.TICKET: Kind("ticket", "came", "answers", _ticket_form, _try_ticket),
    Policy.AppliesTo.RFH: Kind(
        "request", "came", "acknowledges, answers or posts an update", _request_form, _try_request
    ),
    Policy.AppliesTo.INCIDENT: Kind(
        "incident", "were declared", "acknowledges it or posts an update", _incident_form, _try_incident
    ),
}
