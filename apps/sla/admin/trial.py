"""Who would hear? A page of its own beside each policy: what might come, which policy governs it, and whom it tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action

from apps.escalations.trying import Trial, attempt, attempt_request
from apps.people.models import Team
from apps.rfhs.models import RFH
from apps.sla.matching import Facts
from apps.sla.models import Policy
from apps.sla.selectors import rules
from apps.sla.trial_forms import RequestTrialForm, TicketTrialForm, TrialForm


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
        of_requests = policy.applies_to == Policy.AppliesTo.RFH
        form = _request_form(request, policy) if of_requests else _ticket_form(request, policy)
        trial, at = None, None
        if form.is_valid():
            at = form.cleaned_data["at"] or timezone.now()
            trial = _try_request(form, at) if of_requests else _try_ticket(form, at)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "opts": self.opts,  # type: ignore[attr-defined]
            "original": policy,
            "title": f"Who would hear? {policy.name}",
            "form": form,
            "trial": trial,
            "at": at,
            "of_requests": of_requests,
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
