"""What a colleague saved while a form was open is not written over unseen. Part of every admin form."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.forms import ModelForm
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.trail import managed
from apps.trail.models import StoredEvent
from apps.trail.selectors import on_stream

# The hidden field that says which state of the object the form was filled from.
SEEN = "_seen"

if TYPE_CHECKING:
    Base = ModelForm[Model]
else:
    Base = object


def state_of(obj: Model) -> str:
    """A word that is another whenever the object, its relations or its rows are; empty when it is not there."""
    now = managed.stored(type(obj), obj.pk)
    if now is None:
        return ""
    return hashlib.sha256(json.dumps(now, sort_keys=True).encode()).hexdigest()[:32]


class Unseen(Base):
    """Before a form's own class: refuses once what was typed over a state that is no longer there.

    `seen_now` is that newer state; the form is shown again with it, so saving once more is a decision.
    """

    seen_now = ""

    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        seen = self.data.get(SEEN)
        if seen and self.instance.pk:
            # Two who save at once: the second waits here, and then sees what the first has done.
            type(self.instance)._default_manager.select_for_update(of=("self",), no_key=True).filter(
                pk=self.instance.pk
            ).first()
            state = state_of(self.instance)
            if state and state != seen:
                self.seen_now = state
                self.add_error(None, _refusal(self.instance))
        return said


def _refusal(obj: Model) -> SafeString:
    last: StoredEvent | None = on_stream(managed.stream_of(obj)).last()
    advice = "Nothing was saved. Save again to put what you typed in its place."
    if last is None:
        return format_html("This was changed while you were editing. {}", advice)
    return format_html(
        'This was changed while you were editing: <a href="/trail/{}/">{}, by {}</a>. {}',
        last.position,
        last.sentence,
        last.actor,
        advice,
    )
