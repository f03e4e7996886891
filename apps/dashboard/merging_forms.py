"""Forms in which two may write at once: what was shown travels along, so only what this person changed is changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms


class MergingForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of a row that is there; a new row's is an ordinary form."""

    # How long what is typed may be, by field: a browser would cut off the end without a word.
    longest: dict[str, int] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, longest in self.longest.items():
            if name in self.fields:
                self.fields[name].widget.attrs.pop("maxlength", None)
                self.fields[name].max_length = longest  # type: ignore[attr-defined]
        if self.instance.pk:
            for field in self.fields.values():
                field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        """Says what somebody else wrote meanwhile in the same field; saving again puts this person's in its place."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name in self.changed_data if self.instance.pk else ():
            now = getattr(self.instance, name)
            came_back = self.came_back(name)
            if came_back and name in said and plain(now) not in {plain(shown_of(self, name)), plain(said[name])}:
                self.add_error(name, f"Meanwhile somebody made it “{now}”. Save again to put yours in its place.")
                data |= self.as_shown(name, self.fields[name].prepare_value(now))
        self.data = data
        return said

    def came_back(self, name: str) -> bool:
        """Whether the form brought back what it had shown."""
        return all(part in self.data for part in self.as_shown(name, None))

    def as_shown(self, name: str, value: Any) -> dict[str, Any]:
        """What the form posts when it has shown this value."""
        prefix, box = self.add_initial_prefix(name), self.fields[name].hidden_widget()
        if not isinstance(box, forms.MultiWidget):
            return {prefix: value}
        boxes: Any = box
        return {prefix + part: said for part, said in zip(boxes.widgets_names, boxes.decompress(value), strict=True)}

    @property
    def changes(self) -> dict[str, Any]:
        """What this person changed of what they were shown."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def shown_of(form: forms.BaseForm, name: str) -> Any:
    """What the field held when the form was shown, as its hidden twin brings it back."""
    field = form.fields[name]
    said = field.hidden_widget().value_from_datadict(form.data, {}, form.add_initial_prefix(name))  # type: ignore[arg-type]
    return field.clean(said) if isinstance(field, forms.MultiValueField) else field.to_python(said)


def plain(value: Any) -> Any:
    """For comparing: a browser ends lines in its own way, lists have no order, and no box shows parts of a second."""
    if isinstance(value, list):
        return tuple(sorted(value))
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
