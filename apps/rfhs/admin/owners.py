"""Which team is responsible for an alert or a dashboard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.rfhs.admin.archiving import Archived
from apps.rfhs.admin.area_filters import InUseFilter
from apps.rfhs.models import NamedOwner
from apps.trail.audited import AuditedAdmin


class NamedOwnerForm(forms.ModelForm):  # type: ignore[type-arg]
    """An alert or dashboard; the same name in other capitals is the same."""

    class Meta:
        model = NamedOwner
        fields = ("kind", "name", "team")
        widgets = {"name": UnfoldAdminTextInputWidget}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if len(name) < 4:
            raise forms.ValidationError("So short a name would be found in every other text: give the whole of it.")
        return name

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        kind, name = self.cleaned_data.get("kind"), self.cleaned_data.get("name")
        if kind and name:
            twin = NamedOwner.objects.filter(kind=kind, name__iexact=name).exclude(pk=self.instance.pk).first()
            if twin is not None:
                where = "; it is archived, so restore it" if twin.archived else ""
                self.add_error("name", f"{twin} is {twin.team}'s already{where}.")
        return said


@admin.register(NamedOwner)
class NamedOwnerAdmin(Archived, AuditedAdmin):
    """Alerts and dashboards by name: a question that names one goes to its team."""

    list_display = ("name", "kind_label", "team", "state")
    list_select_related = ("team",)
    list_filter = (InUseFilter, ("kind", ChoicesDropdownFilter), ("team", RelatedDropdownFilter))
    search_fields = ("name", "team__name")
    search_help_text = "A name, or a team's"
    ordering = ("kind", "name")
    form = NamedOwnerForm
    autocomplete_fields = ("team",)
    fields = (("kind", "name"), "team")
    actions_detail = ("archive", "restore")
    actions = None

    @display(description="Kind", ordering="kind", label={"Alert": "warning", "Dashboard": "info"})
    def kind_label(self, owner: NamedOwner) -> str:
        return owner.get_kind_display()

    @display(description="State", ordering="archived", label={"In use": "success", "Archived": "default"})
    def state(self, owner: NamedOwner) -> str:
        return "Archived" if owner.archived else "In use"
