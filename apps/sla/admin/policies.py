"""Policies in the admin: in order, with their tiers; the effect of a change before it is saved; who would hear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, IntegerField, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.dashboard.effect_first import CONFIRMED, EDIT, EffectFirst, typed_again
from apps.escalations.incident_selectors import incident_effects
from apps.escalations.models import Check, Clock
from apps.escalations.rfh_selectors import rfh_effects
from apps.escalations.selectors import NOTHING, Effects, effects
from apps.people.models import Team
from apps.sla import defaults, services, wording
from apps.sla.admin.fieldsets import FIELDSETS
from apps.sla.admin.tiers import TierInline, about, usual
from apps.sla.admin.trial import WhoWouldHear
from apps.sla.drafts import rules_with
from apps.sla.durations import spell
from apps.sla.errors import PolicyRefused
from apps.sla.forms import PolicyForm, fields_of, placeholders
from apps.sla.models import Policy, Promise, Tier
from apps.sla.ordering import arranged, numbered
from apps.sla.selectors import places, rules
from apps.sla.specs import PolicySpec
from apps.trail.audited import AuditedAdmin

# The form's own button.
PREVIEW = "_preview"
SHOWN = 20
OF_TICKETS = {"one": "ticket", "many": "tickets"}
OF_REQUESTS = {"one": "request", "many": "requests"}
OF_INCIDENTS = {"one": "incident", "many": "incidents"}
OF_ALL = {"one": "ticket, request or incident", "many": "tickets, requests and incidents"}
WORDS = {Policy.AppliesTo.RFH: OF_REQUESTS, Policy.AppliesTo.INCIDENT: OF_INCIDENTS}


@admin.register(Policy)
class PolicyAdmin(WhoWouldHear, EffectFirst, AuditedAdmin):
    """Policies, in the order in which they are asked. What the form says is written by `services.save_policy`."""

    # list
    list_display = ("name", "position", "governs", "promises", "tiers", "running", "is_on")
    list_filter = (
        "enabled",
        "applies_to",
        ("plans", RelatedDropdownFilter),
        ("teams", RelatedDropdownFilter),
        ("channels", RelatedDropdownFilter),
    )
    search_fields = ("name", "plans__name", "teams__name", "channels__name", "channels__slack_id")
    search_help_text = "A policy's name, a plan, a team or a channel"
    ordering = ("position", "pk")
    ordering_field = "position"
    list_editable = ("position",)
    list_fullwidth = True
    list_before_template = "admin/sla/policy/list_before.html"
    actions = None

    # form
    form = PolicyForm
    refused = PolicyRefused
    inlines = (TierInline,)
    autocomplete_fields = ("channels",)
    fieldsets = FIELDSETS[Policy.AppliesTo.TICKET]
    change_form_template = "admin/sla/policy/change_form.html"

    # behaviour
    actions_detail = ("test",)
    actions_row = ("test",)

    class Media:
        css = {"all": ("supportops/policies.css",)}

    # --- list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        running = (
            Clock.objects.filter(policy=OuterRef("pk"), state=Clock.State.RUNNING)
            .order_by()
            .values("policy")
            .annotate(count=Count("pk"))
            .values("count")
        )
        tiers = Tier.objects.select_related("group", "channel", "rotation").prefetch_related("agents")
        policies: QuerySet[Policy] = super().get_queryset(request)
        return policies.prefetch_related("plans", "channels", "teams", "promises", Prefetch("tiers", tiers)).annotate(
            running_clocks=Coalesce(Subquery(running, output_field=IntegerField()), Value(0))
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "POST" and "_save" in request.POST and self.has_change_permission(request):
            wanted = _typed_positions(request)
            if EDIT in request.POST:
                return HttpResponseRedirect(request.get_full_path())
            # Otherwise Django's own form says what is wrong with it.
            if wanted is not None:
                return self._order_effect_page(request, wanted) or self._save_order(request, wanted)
        return super().changelist_view(request, extra_context)

    def _order_effect_page(self, request: HttpRequest, wanted: dict[int, int]) -> HttpResponse | None:
        """What another order would do to open tickets; None when nothing moves, or it was seen."""
        if CONFIRMED in request.POST:
            return None
        positions = numbered(arranged(places(), wanted))
        moved = [replace(rule, position=positions[rule.id]) for rule in rules()]
        of_requests = [replace(rule, position=positions[rule.id]) for rule in rules(Policy.AppliesTo.RFH)]
        effect = effects(moved, now=timezone.now(), show=SHOWN)
        of_incidents = [replace(rule, position=positions[rule.id]) for rule in rules(Policy.AppliesTo.INCIDENT)]
        effect = effect.and_also(rfh_effects(of_requests, show=SHOWN), show=SHOWN)
        effect = effect.and_also(incident_effects(of_incidents, show=SHOWN), show=SHOWN)
        if effect.nothing:
            return None
        return self._show_effect(request, None, "the new order", effect, OF_ALL, order_only=True)

    def _save_order(self, request: HttpRequest, wanted: dict[int, int]) -> HttpResponse:
        if services.arrange(wanted, now=timezone.now()):
            messages.success(request, f"The new order is saved. Open {OF_ALL['many']} follow within moments.")
        else:
            messages.info(request, "That is the order there was; nothing was changed.")
        return HttpResponseRedirect(request.get_full_path())

    @display(description="For")
    def governs(self, policy: Policy) -> str:
        return wording.governs(policy)

    @display(description="Promises")
    def promises(self, policy: Policy) -> str:
        return wording.promises(policy)

    @display(description="Tiers")
    def tiers(self, policy: Policy) -> SafeString:
        rungs = format_html_join("", "<li>{}</li>", ((rung,) for rung in wording.ladder(policy)))
        return format_html('<ol class="policy-rungs">{}</ol>', rungs)

    @display(description="Running now", ordering="running_clocks")
    def running(self, policy: Policy) -> int:
        count: int = policy.running_clocks  # type: ignore[attr-defined]
        return count

    @display(description="State", ordering="enabled", label={"On": "success", "Off": "default"})
    def is_on(self, policy: Policy) -> str:
        return "On" if policy.enabled else "Off"

    # For those who may only look: their form has no fields, so it shows these.

    @display(description="Within")
    def within(self, policy: Policy) -> str:
        return next((spell(promise.within) for promise in policy.promises.all()), "–")

    @display(description="Acknowledged within")
    def acknowledged_within(self, policy: Policy) -> str:
        return _within(policy, Promise.Kind.ACKNOWLEDGEMENT)

    @display(description="First answer within")
    def answered_within(self, policy: Policy) -> str:
        return _within(policy, Promise.Kind.FIRST_ANSWER)

    @display(description="An update every")
    def updated_every(self, policy: Policy) -> str:
        return _within(policy, Promise.Kind.UPDATE)

    # --- form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "plans":
            # By itself, without the menu of Django's wrapper: a plan is not made on the way.
            return db_field.formfield(widget=UnfoldAdminCheckboxSelectMultipleWidget())
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Policy | None = None, **kwargs: Any) -> type[ModelForm[Any]]:
        form: type[ModelForm[Any]] = super().get_form(request, obj, **kwargs)
        form.held = form.held or PREVIEW in request.POST  # type: ignore[attr-defined]
        form.about = about(request, obj)  # type: ignore[attr-defined]
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        said: dict[str, Any] = super().get_changeform_initial_data(request)
        rule = usual(request)
        if rule is None:
            return said
        team = Team.objects.filter(slug=str(said.pop("team", ""))).first()
        if several := fields_of(about(request, None)):
            usually: dict[str, Any] = {several[Promise.Kind(each.kind)]: each.within for each in rule.promises}
            usually |= {"priorities": sorted(rule.priorities), "levels": sorted(rule.levels)}
        else:
            usually = {"within": defaults.STEP, "repeat": defaults.REPEAT}
        if team:
            what = "Requests" if about(request, None) == Policy.AppliesTo.RFH else "Pages"
            usually |= {"name": f"{what} to {team.name}"[:100], "teams": [team.pk]}
        return {**usually, **said}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        said: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        # A row that is sent as it was offered counts as filled in, so only the empty form has the usual steps.
        stored = obj is not None and obj.pk is not None
        rule = usual(request)
        if request.method == "GET" and not stored and rule is not None:
            said["initial"] = [
                {
                    "position": rung.tier,
                    "promise": promise.kind,
                    "after": rung.after,
                    "audience_kind": rung.audience.kind,
                    "role": rung.audience.role,
                }
                for promise in rule.promises
                for rung in promise.rungs
            ]
        return said

    def get_fieldsets(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        return FIELDSETS[about(request, obj)]

    def get_inline_instances(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            # Made anew for every request; who may only look has nothing to drag.
            inline.ordering_field = "position" if request.user.has_perm("sla.change_policy") else None
        return inlines

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"placeholders": placeholders(), "governed": self._governed(object_id), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        # The form's policy is saved with its tiers, in save_related; a row of the list is saved here.
        if not isinstance(form, PolicyForm):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        if not isinstance(form, PolicyForm):
            super().save_related(request, form, formsets, change)
            return
        saved = services.save_policy(form.stored, form.spec(formsets[0].specs()), now=timezone.now())
        form.instance.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        # Those behind it close ranks.
        services.arrange({}, now=timezone.now())

    def construct_change_message(
        self, request: HttpRequest, form: ModelForm[Any], formsets: Any, add: bool = False
    ) -> Any:
        # The inline is not saved by itself, so it has nothing to tell; the trail tells all of it.
        return super().construct_change_message(request, form, [], add)

    @transaction.atomic
    def effect_first(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """What saving would do to open tickets; None when there is nothing to show, or nothing could be saved."""
        policy = self.get_object(request, object_id) if object_id else None
        allowed = self.has_change_permission(request, policy) if policy else self.has_add_permission(request)
        if not allowed or (object_id and policy is None):
            return None
        spec = self._asked_for(request, policy)
        if spec is None:
            return None
        effect = _effect(spec, policy)
        if effect.nothing and PREVIEW not in request.POST:
            return None
        words = WORDS.get(Policy.AppliesTo(spec.applies_to), OF_TICKETS)
        return self._show_effect(request, policy, f"“{spec.name}”", effect, words)

    def _asked_for(self, request: HttpRequest, policy: Policy | None) -> PolicySpec | None:
        # A copy, since cleaning writes to the instance and Django's own form comes afterwards.
        fresh = Policy.objects.get(pk=policy.pk) if policy else None
        form = self.get_form(request, fresh, change=policy is not None)(request.POST, instance=fresh)
        assert isinstance(form, PolicyForm)
        form.held = False
        formsets, _ = self._create_formsets(request, form.instance, change=policy is not None)
        if not (form.is_valid() and formsets[0].is_valid()):
            return None
        return form.spec(formsets[0].specs())

    def _show_effect(
        self,
        request: HttpRequest,
        policy: Policy | None,
        what: str,
        effect: Effects,
        words: dict[str, str],
        *,
        order_only: bool = False,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": policy,
            "title": f"What saving {what} does",
            "effect": effect,
            "order_only": order_only,
            **words,
            "more": effect.gained + effect.lost + effect.moved - len(effect.first),
            **typed_again(request, without=[PREVIEW]),
        }
        return TemplateResponse(request, "admin/sla/policy/effect.html", context)

    def _governed(self, object_id: str | None) -> dict[str, Any] | None:
        """What a promise of this policy runs for, tickets, requests or incidents: how many, and the first checked."""
        if not object_id or not object_id.isdecimal():
            return None
        clocks = Clock.objects.filter(policy=int(object_id), page__isnull=True, state=Clock.State.RUNNING)
        waiting = Min("checks__due_at", filter=Q(checks__state=Check.State.WAITING))
        first = clocks.select_related("ticket__customer", "rfh__customer", "incident").annotate(next_check=waiting)
        applies_to = Policy.objects.filter(pk=int(object_id)).values_list("applies_to", flat=True).first()
        found: dict[str, Any] = {
            "count": clocks.count(),
            "first": first.order_by("next_check", "due_at", "pk")[:SHOWN],
            "many": WORDS.get(Policy.AppliesTo(applies_to or "ticket"), OF_TICKETS)["many"],
        }
        if applies_to in WORDS:
            return found
        return {**found, "all": f"{reverse('admin:tickets_ticket_changelist')}?policy={object_id}"}


def _effect(spec: PolicySpec, policy: Policy | None) -> Effects:
    after = rules_with(spec, policy)
    match spec.applies_to:
        case Policy.AppliesTo.PAGE:
            # A page keeps the policy it began with, so no change of one reaches what runs.
            return NOTHING
        case Policy.AppliesTo.RFH:
            return rfh_effects(after, show=SHOWN)
        case Policy.AppliesTo.INCIDENT:
            return incident_effects(after, show=SHOWN)
        case _:
            return effects(after, now=timezone.now(), show=SHOWN)


def _within(policy: Policy, kind: str) -> str:
    return next((spell(promise.within) for promise in policy.promises.all() if promise.kind == kind), "–")


def _typed_positions(request: HttpRequest) -> dict[int, int] | None:
    """The list's positions by policy, as they were posted; None when one is no number."""
    posted = request.POST.dict()
    positions = {
        str(posted.get(f"{name.removesuffix('-position')}-id", "")): str(value)
        for name, value in posted.items()
        if name.endswith("-position")
    }
    if not all(key.isdecimal() and value.isdecimal() for key, value in positions.items()):
        return None
    return {int(key): int(value) for key, value in positions.items()}
