"""What managers type about areas, sub-teams and exceptions. Part of a door."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.rfhs.models import Area, RoutingException, SubTeam

LONGEST = 80
HANDLE = re.compile(r"@?[\w.-]+\Z")


class WordsField(forms.Field):
    """Several words or phrases, one a line or with commas between; each once."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        parts = value if isinstance(value, list | tuple) else re.split(r"[,\n]", value or "")
        words = [" ".join(part.replace("\x00", "").split()) for part in parts]
        return list({word.lower(): word for word in reversed(words) if word}.values())[::-1]

    def validate(self, value: list[str]) -> None:
        for word in value:
            if len(word) > LONGEST:
                raise ValidationError(f"At most {LONGEST} characters each: “{word[:30]}…” has {len(word)}.")
            if not re.search(r"\w", word):
                raise ValidationError(f"“{word}” has no letter: put commas between the words alone.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class HandlesField(WordsField):
    """Slack handles, each with its @."""

    def to_python(self, value: Any) -> list[str]:
        return [f"@{word.removeprefix('@')}" for word in super().to_python(value)]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        for word in value:
            if not HANDLE.match(word):
                raise ValidationError(f"“{word}” is no Slack handle: they look like @search-support, without blanks.")


class HandleField(forms.CharField):
    """One Slack handle, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=LONGEST, widget=UnfoldAdminTextInputWidget, **kwargs)

    def clean(self, value: Any) -> str:
        handle: str = super().clean(value)
        if not handle:
            return ""
        if not HANDLE.match(handle):
            raise ValidationError(f"“{handle}” is no Slack handle: they look like @search-support, without blanks.")
        return f"@{handle.removeprefix('@')}"


class AreaForm(forms.ModelForm):  # type: ignore[type-arg]
    """An area; keywords and handles are typed with commas."""

    keywords = WordsField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="With commas between, or one a line. Each is found as a whole word in any of its forms, plurals too.",
    )
    handles = HandlesField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="With commas between, in order: the first that exists in Slack is used.",
    )

    class Meta:
        model = Area
        fields = "__all__"
        labels = {"tie_break": "Question to tell it apart"}
        help_texts = {"position": "Areas with the same score are proposed in this order."}
        widgets = {"note": UnfoldAdminExpandableTextareaWidget, "tie_break": UnfoldAdminExpandableTextareaWidget}

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        data = self.cleaned_data
        if "keywords" in data and not data["keywords"] and not data.get("any_language"):
            self.add_error("keywords", "Without a keyword it is never proposed: give one, or archive the area.")
        return said


class SubTeamForm(forms.ModelForm):  # type: ignore[type-arg]
    """A sub-team; its keywords say when it is proposed."""

    handle = HandleField(help_text="Who helps support, such as @search-core-support.")
    mention = HandleField(help_text="The whole sub-team, such as @search-core.")
    keywords = WordsField(
        required=False, widget=UnfoldAdminTextInputWidget, help_text="Which of the area's questions are its own."
    )

    class Meta:
        model = SubTeam
        fields = ("name", "handle", "mention", "label", "keywords", "about")


class ExceptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """An exception; a new one still has a day to hold."""

    class Meta:
        model = RoutingException
        fields = ("keyword", "team", "via", "until")

    def clean_keyword(self) -> str:
        keyword = " ".join(self.cleaned_data["keyword"].split())
        if not re.search(r"\w", keyword):
            raise ValidationError("Give a word that stands in the question.")
        return keyword

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        until = self.cleaned_data.get("until")
        # Part of a door, so it reads the clock.
        today = timezone.localdate()
        if until and "until" in self.changed_data and until < today:
            self.add_error("until", f"That day has passed: today is {today:%-d %B %Y}. It is the last day it holds.")
        return said
