"""What the pages of cycles and their wizard have in common."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from apps.people.models import Agent
from apps.rotations.cycles import rights
from apps.rotations.errors import Refused
from apps.rotations.models import Cycle


def agent_of(request: HttpRequest) -> Agent:
    agent = Agent.objects.get(email=request.user.get_username())
    if not rights.may_see(agent):
        raise PermissionDenied
    return agent


def place(refused: Refused, form: forms.Form) -> None:
    """Each of the service's sentences beside its field; about people and turns above them all."""
    for path, sentences in refused.errors.items():
        name = path if path in form.fields else ""
        name = "start" if path.endswith("start_local") and "start" in form.fields else name
        form.add_error(name or None, list(dict.fromkeys(sentences)))


def address(cycle: Cycle) -> str:
    return reverse("rotations_cycles:page", args=[cycle.rotation.slug])
