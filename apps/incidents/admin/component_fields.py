"""How each component is left, as a row of a form: one box a component, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.incidents.models import Component
from apps.incidents.services.impacts import POSSIBLE

UNTOUCHED, BY_SEVERITY = "", "by-severity"
WORDS = {str(status): str(status.label) for status in Component.Status}


@dataclass(frozen=True)
class Row:
    """A component and how the incident leaves it now; empty: it does not touch it."""

    slug: str
    name: str
    group: str
    public: bool
    now: str


class ComponentsWidget(forms.Widget):
    """A list of components by group, each with its box; a box to narrow it where it is long."""

    LONG = 10

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        start = f"{name}-"
        return {key.removeprefix(start): data[key] for key in data if key.startswith(start)}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = value if isinstance(value, dict) else {}
        groups: dict[str, list[dict[str, Any]]] = {}
        # What it touches comes first, whatever its group.
        for row in sorted(self.rows, key=lambda row: not row.now):
            said = chosen.get(row.slug, row.now)
            options = [(each, WORDS[each]) for each in POSSIBLE]
            if not row.now:
                options = [(UNTOUCHED, "Not affected"), (BY_SEVERITY, "As its severity says"), *options[1:]]
            groups.setdefault("Affected" if row.now else row.group, []).append(
                {"row": row, "name": f"{name}-{row.slug}", "options": options, "chosen": said}
            )
        context = {"groups": groups.items(), "name": name, "is_long": len(self.rows) > self.LONG}
        return render_to_string("admin/incidents/components.html", context)


class ComponentsField(forms.Field):
    """[{"slug", "status"}] of those that differ from how they are now; without a status: as the severity says."""

    widget: Any = ComponentsWidget

    def show(self, now: Mapping[Component, str] | None = None) -> None:
        """Offer the components in use; `now` is how the incident leaves some of them."""
        known = {component.slug: status for component, status in (now or {}).items()}
        components = Component.objects.filter(archived_at=None).select_related("group")
        self.widget.rows = [
            Row(each.slug, each.name, str(each.group or "In no group"), each.public, known.get(each.slug, ""))
            for each in components
        ]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(data))

    def clean(self, value: Any) -> list[dict[str, str]]:
        said: list[dict[str, str]] = []
        for row in self.widget.rows:
            status = value.get(row.slug, row.now)
            if status in {row.now, UNTOUCHED}:
                continue
            if status == BY_SEVERITY:
                said.append({"slug": row.slug})
                continue
            if status not in POSSIBLE:
                raise forms.ValidationError(f"“{status[:40]}” is no state of {row.name}.")
            said.append({"slug": row.slug, "status": status})
        return said
