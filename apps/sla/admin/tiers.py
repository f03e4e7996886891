"""The tiers of a policy, in its form."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from apps.sla import defaults
from apps.sla.durations import spell
from apps.sla.forms import SEVERAL
from apps.sla.matching import PolicyRule
from apps.sla.models import LEVELS, PRIORITIES, Policy, Tier
from apps.sla.tier_forms import TierForm, TierFormSet
from apps.trail.audited import NamedRows


class TierInline(NamedRows):
    """The ladder. Adding and removing a tier is a change of the policy."""

    model = Tier
    form = TierForm
    formset = TierFormSet
    ordering = ("promise", "position")
    ordering_field = "position"
    autocomplete_fields = ("group", "agents", "channel")
    extra = 0
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        tiers: QuerySet[Tier] = super().get_queryset(request)
        return tiers.select_related("group", "channel", "rotation")

    def get_extra(self, request: HttpRequest, obj: Policy | None = None, **kwargs: Any) -> int:
        if obj:
            return 0
        rule = usual(request)
        return sum(len(promise.rungs) for promise in rule.promises) if rule else 2

    def get_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        # Only requests and incidents are promised several things.
        several = about(request, obj) in SEVERAL
        if not self.has_change_permission(request, obj):
            return ("position", *(["promise"] if several else []), "after_words", "whom", "message")
        return tuple(name for name in TierForm.Meta.fields if several or name != "promise")

    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("after_words", "whom")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Without the wrapper's menu: a row has no room for it.
            field.widget = field.widget.widget
        return field

    @display(description="After")
    def after_words(self, tier: Tier) -> str:
        return spell(tier.after)

    @display(description="Whom")
    def whom(self, tier: Tier) -> str:
        return tier.audience.label

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("sla.change_policy"))


def about(request: HttpRequest, policy: Policy | None) -> str:
    """What the policy, or the one that is added, is about: `?applies_to=page`, `?applies_to=incident`."""
    said = policy.applies_to if policy is not None else request.GET.get("applies_to", "")
    return said if said in Policy.AppliesTo.values else str(Policy.AppliesTo.TICKET)


def usual(request: HttpRequest) -> PolicyRule | None:
    """What a new policy is offered to begin with; None for tickets.

    Of requests by `?priority=`, else those of p2; of incidents by `?level=`, else those of L3.
    """
    match about(request, None):
        case Policy.AppliesTo.PAGE:
            return defaults.PAGES
        case Policy.AppliesTo.RFH:
            asked = request.GET.get("priority", "")
            wanted = asked if asked in dict(PRIORITIES) else "p2"
            return next(rule for rule in defaults.RFHS if wanted in rule.priorities)
        case Policy.AppliesTo.INCIDENT:
            asked = request.GET.get("level", "")
            wanted = asked if asked in dict(LEVELS) else "L3"
            return next(rule for rule in defaults.INCIDENTS if wanted in rule.levels)
        case _:
            return None
