"""What leads type on the pages of cycles. Part of a door."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify

from apps.people.models import Agent, Channel, Team
from apps.rotations.cycles.pairs import FOUR, ROLES, Form, Group, layers
from apps.rotations.models import ChecklistItem, Cycle, Part, Repeats, Role
from apps.rotations.resolving.wallclock import first, on_the_wall
from apps.rotations.services.checklists import LONGEST_DIGEST, LONGEST_TEXT
from apps.rotations.specs import RotationSpec
from apps.trail.instants import slip_in
from apps.trail.zones import known_zones

INPUT = {"class": "portal-input"}
LOCAL = "%Y-%m-%dT%H:%M"
ROWS_AT_FIRST, MOST_ROWS = 2, 12
MOST_WEEKS, MOST_HOURS = 26, 24 * 14


def next_monday(now: datetime, zone: ZoneInfo) -> datetime:
    """The next Monday, 09:00, on the zone's wall."""
    today = on_the_wall(now, zone).replace(hour=9, minute=0, second=0, microsecond=0)
    return today + timedelta(days=(7 - today.weekday()) % 7 or 7)


class Local(forms.Field):
    """A day and a time on some wall, naive; the box is the browser's own."""

    widget = forms.DateTimeInput({**INPUT, "type": "datetime-local"}, format=LOCAL)

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            # With or without seconds; browsers send either, and people a space.
            read = datetime.fromisoformat(str(value).strip())
        except ValueError:
            raise forms.ValidationError("Give a day and a time, such as 2026-03-23 09:00.", code="invalid") from None
        return read.replace(tzinfo=None, second=0, microsecond=0)


class CycleForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a rotation runs in cycles; its lead's role is one of its own."""

    class Meta:
        model = Cycle
        fields = (
            "rotation", "start_date", "start_time", "weeks", "runs_itself", "lead_role", "lead", "handover_weekday",
            "handover_time", "hands_over_mid_cycle", "stakeholders", "channels",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields.get("lead_role")
        if role is not None:
            # Of a new one the role that is called so is taken, unless another is chosen later.
            of = Role.objects.filter(rotation=self.instance.rotation_id) if self.instance.pk else Role.objects.none()
            role.queryset = of  # type: ignore[attr-defined]
            if not self.instance.pk:
                role.help_text = "Of a new one it is the role called lead. It can be changed afterwards."
        lead = self.fields.get("lead")
        if lead is not None:
            lead.queryset = Agent.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        weeks, start, rotation = said.get("weeks"), said.get("start_date"), said.get("rotation")
        if weeks is not None and not 1 <= weeks <= MOST_WEEKS:
            self.add_error("weeks", f"A cycle lasts from one to {MOST_WEEKS} weeks.")
        if start and (slip := slip_in(datetime.combine(start, said.get("start_time") or time(0)))):
            self.add_error("start_date", slip)
        if rotation is not None and not self.instance.pk:
            said["lead_role"] = rotation.roles.filter(name__iexact="lead").first()
        return said


class ChecklistItemForm(forms.ModelForm):  # type: ignore[type-arg]
    """An item of the template."""

    class Meta:
        model = ChecklistItem
        fields = ("part", "position", "text", "repeats", "hours", "by_digest", "by_handover")
        labels = {
            "position": "Place",
            "hours": "Due, hours",
            "by_digest": "By a digest",
            "by_handover": "By hand-over",
        }

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("repeats") != Repeats.ONCE and said.get("part") != Part.MONITOR:
            self.add_error("repeats", "Only what belongs to Monitor repeats: choose once, or that phase.")
        if said.get("hours", 0) > MOST_HOURS:
            self.add_error("hours", f"An item is due within {MOST_HOURS} hours: two weeks.")
        return said


class WizardForm(forms.Form):
    """A new rotation that runs in cycles; who serves in it is in GroupForm."""

    team = forms.ModelChoiceField(
        Team.objects.none(), widget=forms.Select(INPUT), error_messages={"invalid_choice": "Choose a team of yours."}
    )
    name = forms.CharField(max_length=100, widget=forms.TextInput(INPUT), help_text="Such as Sustained Engineering.")
    slug = forms.SlugField(
        max_length=50,
        required=False,
        widget=forms.TextInput(INPUT),
        help_text="Its name in addresses. Empty: made from the name.",
    )
    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name) for name in sorted(known_zones())],
        widget=forms.Select(INPUT),
        help_text="Its clock says when people change and when something is due.",
    )
    start = Local(label="First cycle begins", help_text="On the clock of that zone. People change at this time, too.")
    channel = forms.ModelChoiceField(
        Channel.objects.all(),
        required=False,
        empty_label="None",
        widget=forms.Select(INPUT),
        help_text="The Slack channel whose topic names who is on duty.",
    )
    form = forms.ChoiceField(
        label="How they serve",
        choices=[
            (
                Form.CONCURRENT.value,
                "Two shifts at once: engineers 1 and 2 are one, 3 and 4 the other. 1 and 3 are primary in the first "
                "week; at mid-cycle each pair swaps.",
            ),
            (
                Form.STAGGERED.value,
                "Staggered: one is primary and one backup, and whoever is backup is primary in the week after, in the "
                "order 1 to 4. Four engineers last for two cycles.",
            ),
        ],
        initial=Form.CONCURRENT.value,
        widget=forms.RadioSelect,
    )
    asks_a_day = forms.TypedChoiceField(
        label="Ask R&D is looked at",
        choices=[(1, "Once a day"), (2, "Twice a day")],
        coerce=int,
        initial=1,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("name") and not said.get("slug") and "slug" not in self.errors:
            said["slug"] = slugify(said["name"])[:50]
            if not said["slug"]:
                self.add_error("slug", "Nothing of the name can stand in an address: give a slug, such as set-emea.")
        start, zone = said.get("start"), said.get("time_zone")
        if start is not None and (slip := slip_in(start)):
            self.add_error("start", slip)
        elif start is not None and zone:
            there = on_the_wall(first(start, ZoneInfo(zone)), ZoneInfo(zone))
            if there != start:
                self.add_error(
                    "start",
                    f"The clocks of {zone} skip {start:%H:%M} on {start:%-d %b %Y}: choose {there:%H:%M}, or another "
                    "time.",
                )
        return said

    def spec(self, groups: Iterable[Group]) -> RotationSpec:
        """What was asked for, once it is clean."""
        said = self.cleaned_data
        return RotationSpec(
            team=said["team"].slug,
            slug=said["slug"],
            name=said["name"],
            time_zone=said["time_zone"],
            channel=said["channel"].slack_id if said["channel"] else "",
            roles=ROLES,
            layers=layers(Form(said["form"]), list(groups), start_local=said["start"]),
        )


class GroupForm(forms.Form):
    """A lead and four engineers. The first group is asked for; of the others an empty one is none."""

    def __init__(self, data: Any = None, *, people: list[tuple[str, str]], asked: bool, **kwargs: Any) -> None:
        super().__init__(data, empty_permitted=not asked, use_required_attribute=False, **kwargs)
        self.asked = asked
        nobody = [("", "Choose somebody" if asked else "–")]
        for name, label in (("lead", "Lead"), *((f"engineer_{n}", f"Engineer {n}") for n in range(1, FOUR + 1))):
            required = asked or name != "lead"
            self.fields[name] = forms.ChoiceField(
                label=label,
                required=required,
                choices=[*nobody, *people],
                widget=forms.Select(INPUT),
                error_messages={"invalid_choice": "Choose somebody who works here."},
            )
        if not asked:
            self.fields["lead"].choices = [("", "The lead before"), *people]  # type: ignore[attr-defined]

    @property
    def engineers(self) -> list[str]:
        """The emails that were chosen, in order."""
        return [email for n in range(1, FOUR + 1) if (email := self.cleaned_data.get(f"engineer_{n}"))]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        missing = [name for name in self.fields if name != "lead" and not said.get(name) and self.errors.get(name)]
        if missing:
            for name in missing:
                del self.errors[name]
            count = len(self.engineers)
            self.add_error(None, f"A cycle takes four engineers; here {'is' if count == 1 else 'are'} {count}.")
        seen: dict[str, str] = {}
        for n in range(1, FOUR + 1):
            email = said.get(f"engineer_{n}", "")
            if email and email in seen:
                self.add_error(f"engineer_{n}", f"This is {seen[email].lower()} as well: choose somebody else.")
            elif email:
                seen[email] = f"Engineer {n}"
        return said


def people_choices(agents: Iterable[Agent]) -> list[tuple[str, str]]:
    """Everybody by name; who shares a name with another with the email as well."""
    names = [(agent.email, str(agent)) for agent in agents]
    counted = Counter(name for _, name in names)
    return [(email, f"{name} ({email})" if counted[name] > 1 else name) for email, name in names]


def groups_of(rows: Iterable[GroupForm]) -> list[Group]:
    """Whom each cycle takes; a group without a lead has the one before."""
    groups: list[Group] = []
    for row in rows:
        if not row.asked and not row.has_changed():
            continue
        lead = row.cleaned_data.get("lead") or groups[-1].lead
        first, second, third, fourth = row.engineers
        groups.append(Group(lead, (first, second, third, fourth)))
    return groups


class ItemForm(forms.Form):
    """One more thing to do in a run; when it is due is on the viewer's clock."""

    part = forms.ChoiceField(label="Phase", choices=Part.choices, widget=forms.Select(INPUT))
    text = forms.CharField(label="What is to be done", max_length=LONGEST_TEXT, widget=forms.TextInput(INPUT))
    due_at = forms.DateTimeField(
        label="Due", widget=forms.DateTimeInput({**INPUT, "type": "datetime-local"}, format=LOCAL)
    )


class DigestForm(forms.Form):
    """A digest's words and who gets it, of those the cycle names."""

    text = forms.CharField(
        label="What it says", max_length=LONGEST_DIGEST, widget=forms.Textarea({**INPUT, "rows": 18}), strip=False
    )
    people = forms.ModelMultipleChoiceField(
        Agent.objects.none(), label="In person", required=False, widget=forms.CheckboxSelectMultiple
    )
    channels = forms.ModelMultipleChoiceField(
        Channel.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = cycle.stakeholders.filter(is_active=True)
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        self.fields["channels"].queryset = cycle.channels.all()  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        # A browser sends CRLF.
        return re.sub(r"\r\n?", "\n", self.cleaned_data["text"]).replace("\x00", "").strip()
