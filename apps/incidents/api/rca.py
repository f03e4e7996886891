"""The routes of an incident's RCA: where it can be read, and what it says when it is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import steps
from apps.api.fields import LARGEST_INTEGER, Called, Instant, Strict
from apps.api.problems import CONTENT_TYPE
from apps.api.steps import AGENTS, ILLEGAL, OfVersion, said_in
from apps.incidents import services
from apps.incidents.api import given
from apps.incidents.api.base import IncidentRoutes
from apps.incidents.api.shapes import IncidentDetailSerializer
from apps.incidents.errors import BadIncident
from apps.incidents.models import RCA, Action, Incident
from apps.incidents.services import rca as writing
from apps.people.acting import Acting

WRITTEN = ("started_at", "finished_at", "updated_at", "updated_by", "version")


class RCAAction(Strict):
    """Something to be done so that it does not happen again."""

    id = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_INTEGER, help_text="Left out: it is a new one."
    )
    text = serializers.CharField(max_length=300)
    owner = Called("email", noun="agent", queryset=AGENTS, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    done = serializers.BooleanField(required=False)


class RCADocument(Strict):
    """Why it happened, for us alone. `url` and `public` say where it can be read, and whether by everybody."""

    url = serializers.CharField(help_text="Empty: none is linked.")
    public = serializers.BooleanField(help_text="Whether the public may follow the link.")
    summary = serializers.CharField()
    impact = serializers.CharField()
    timeline = serializers.CharField()
    causes = serializers.CharField()
    actions = RCAAction(many=True)
    started_at = Instant(allow_null=True, help_text="null: nothing is written here.")
    finished_at = Instant(allow_null=True)
    updated_at = Instant(allow_null=True)
    updated_by = serializers.CharField()
    version = serializers.IntegerField(help_text="Sent back, it guards what you read; 0: nothing is written here.")


class RCAChange(OfVersion):
    """What it says from now on; it is begun by that. Markdown."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_INTEGER)
    summary = serializers.CharField(required=False, allow_blank=True)
    impact = serializers.CharField(required=False, allow_blank=True)
    timeline = serializers.CharField(required=False, allow_blank=True)
    causes = serializers.CharField(required=False, allow_blank=True)
    actions = RCAAction(many=True, required=False, help_text="All of them: what is left out is removed.")
    finished = serializers.BooleanField(
        required=False, help_text="true: it is written, and linked; the incident is closed by then. false: written on."
    )


class RCARoutes(IncidentRoutes):
    """The RCA of an incident."""

    @steps.step(given.RCALink, IncidentDetailSerializer)
    def rca(self, request: Request, number: str) -> Response:
        """Say where it can be read why it happened."""
        incident = self.get_object()
        said = said_in(request, given.RCALink)
        services.link_rca(incident, by=self.mine(said), now=self.now, **said)
        return self.shown(incident)

    @extend_schema(responses={200: RCADocument})
    @rca.mapping.get
    def read_rca(self, request: Request, number: str) -> Response:
        """Why it happened, as far as it is written here."""
        return self._document(self.get_object())

    @extend_schema(request=RCAChange, responses={200: RCADocument, (409, CONTENT_TYPE): ILLEGAL})
    @rca.mapping.patch
    def write_rca(self, request: Request, number: str) -> Response:
        """Write why it happened, all of it or nothing."""
        incident = self.get_object()
        said = said_in(request, RCAChange, partial=True)
        by, version, finished = self.mine(said), said.pop("version", None), said.pop("finished", None)
        actions: list[dict[str, Any]] | None = said.pop("actions", None)
        with transaction.atomic():
            rca, fresh = writing.begin(incident, texts={}, by=by, now=self.now)
            version = None if fresh else version
            if rca.finished_at is not None and (finished is False or said or actions is not None):
                writing.take_up(rca, by=by, now=self.now)
                # To take it up was a write of ours.
                version = version + 1 if version is not None else None
            wanted, removed = _wanted(rca, actions)
            writing.save(rca, by=by, now=self.now, texts=said, actions=wanted, removed=removed, version=version)
            if finished:
                self._finish(rca, by)
        return self._document(incident)

    def shown(self, incident: Incident, status: int = 200) -> Response:
        """The incident as it is now."""
        fresh = self.get_queryset().get(pk=incident.pk)
        return Response(IncidentDetailSerializer(fresh, context=self.get_serializer_context()).data, status=status)

    def _finish(self, rca: RCA, by: Acting) -> None:
        root = settings.BASE_URL or self.request.build_absolute_uri("/").rstrip("/")
        address = reverse("incidents:rca", args=[rca.incident_id])
        writing.finish(rca, url=f"{root}{address}", by=by, now=self.now)

    def _document(self, incident: Incident) -> Response:
        linked = Incident.objects.get(pk=incident.pk)
        rca = RCA.objects.filter(incident=incident).first() or RCA(version=0)
        shown = {
            "url": linked.rca_url,
            "public": linked.rca_public,
            **{name: getattr(rca, name) for name in writing.TEXTS},
            "actions": [_action(each) for each in _actions(rca)],
            **{
                name: getattr(rca, name)
                for name in ("started_at", "finished_at", "updated_at", "updated_by", "version")
            },
        }
        return Response(RCADocument(shown).data)


def _actions(rca: RCA) -> Iterable[Action]:
    return Action.objects.filter(rca=rca).select_related("owner").order_by("pk") if rca.pk else ()


def _action(action: Action) -> dict[str, Any]:
    return {
        "id": action.pk,
        "text": action.text,
        "owner": action.owner,
        "due_on": action.due_on,
        "done": action.done_at is not None,
    }


def _wanted(rca: RCA, actions: list[dict[str, Any]] | None) -> tuple[list[writing.Todo], list[int]]:
    """The actions as they should be, and the keys of those to remove. Raises BadIncident."""
    if actions is None:
        return [], []
    known = {action.pk: action for action in _actions(rca)}
    if strange := [each["id"] for each in actions if each.get("id") and each["id"] not in known]:
        raise BadIncident("actions", f"It has no action {strange[0]}.")
    kept = {each["id"] for each in actions if each.get("id")}
    return [_todo(each, known) for each in actions], [key for key in known if key not in kept]


def _todo(said: Mapping[str, Any], known: Mapping[int, Action]) -> writing.Todo:
    """What is not said of a known action stays."""
    action = known.get(said.get("id") or 0)
    return writing.Todo(
        text=said["text"],
        owner=said.get("owner", action.owner if action else None),
        due_on=said.get("due_on", action.due_on if action else None),
        done=said.get("done", bool(action and action.done_at)),
        key=action.pk if action else None,
    )
