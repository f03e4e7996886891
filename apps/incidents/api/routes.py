"""The routes of incidents: declared, acknowledged, spoken of, closed, and what of them the public reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import uuid_utils.compat as uuids
from django.db import transaction
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import steps
from apps.api.fields import Strict
from apps.api.problems import CONTENT_TYPE
from apps.api.routes import ConfiguredSet
from apps.api.steps import ILLEGAL, ActedBy, said_in, taken_by
from apps.escalations import incident_snoozing as engine
from apps.incidents import rights, services
from apps.incidents.api import given
from apps.incidents.api.filters import IncidentFilter
from apps.incidents.api.rca import RCARoutes
from apps.incidents.api.shapes import (
    CLOCKS,
    IMPACTS,
    IncidentDetailSerializer,
    IncidentSerializer,
    PinSerializer,
    SeverityRowSerializer,
    UpdateSerializer,
    slugs_of,
)
from apps.incidents.errors import IncidentError, NotYours
from apps.incidents.models import Incident, Pin, Severity, Update
from apps.incidents.selectors import RELATED

# What of an update changes the incident itself.
KNOWN = ("title", "severity", "level", "description", "reported_at", "point", "contact", "lead")
LINKED = ("tickets", "rfhs")


def step(taken: type[Strict]) -> Callable[..., Any]:
    """A route that moves an incident."""
    return steps.step(taken, IncidentDetailSerializer)


class IncidentSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RCARoutes):
    """Incidents: what is broken, and what we said about it."""

    queryset = Incident.objects.select_related(*RELATED).prefetch_related(
        "tickets", "rfhs", Prefetch("impacts", IMPACTS), Prefetch("clocks", CLOCKS)
    )
    serializer_class = IncidentDetailSerializer
    filterset_class = IncidentFilter
    pages_by = ("-reported_at", "-id")

    def get_serializer_class(self) -> Any:
        return IncidentSerializer if self.action == "list" else IncidentDetailSerializer

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Incidents, those that began last first."""
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """An incident by its number, with or without its prefix."""
        return self.shown(self.get_object())

    @extend_schema(request=given.NewIncident, responses={201: IncidentDetailSerializer})
    def create(self, request: Request) -> Response:
        """Declare an incident. Repeated with the same Idempotency-Key it is one incident."""
        said = said_in(request, given.NewIncident)
        by = taken_by(said)
        if by.agent is not None and not rights.may_declare(by.agent):
            raise NotYours(f"{by.agent} may not declare incidents.")
        # Under an Idempotency-Key, a request taken over after a crash finds its incident declared.
        incident, _ = services.declare(by=by, now=self.now, source=Incident.Source.API, source_key=self.key(), **said)
        return self.shown(incident, 201)

    @extend_schema(request=given.IncidentChange, responses={200: IncidentDetailSerializer})
    def partial_update(self, request: Request, number: str) -> Response:
        """Change what is known of an incident. Of what the public reads, an agent's change may wait for approval."""
        incident = self.get_object()
        said = said_in(request, given.IncidentChange, partial=True)
        by, version = self.mine(said), said.pop("version", None)
        links = {name: said.pop(name) for name in LINKED if name in said}
        with transaction.atomic():
            services.change(incident, said, by=by, now=self.now, version=version)
            services.link(incident, by=by, now=self.now, **links, **_removed(incident, links))
        return self.shown(incident)

    @step(ActedBy)
    def acknowledge(self, request: Request, number: str) -> Response:
        """Somebody looks at it: the time to acknowledge is counted to here."""
        return self._step(services.acknowledge, ActedBy, request)

    @step(ActedBy)
    def channel(self, request: Request, number: str) -> Response:
        """It gets its own channel in Slack, as `slack_channel` once Slack has made it; twice asked, it gets one."""
        return self._step(services.open_channel, ActedBy, request)

    @step(given.Closing)
    def close(self, request: Request, number: str) -> Response:
        """It is over. Managers and leads alone may say so, and keys."""
        return self._step(services.close, given.Closing, request)

    @step(given.IncidentSnooze)
    def snooze(self, request: Request, number: str) -> Response:
        """Remind nobody for a while. Each request snoozes anew, unless it repeats an Idempotency-Key."""
        incident = self.get_object()
        said = said_in(request, given.IncidentSnooze)
        by = self.mine(said)
        for_ = timedelta(minutes=said["minutes"])
        key = f"incident:{self.key() or uuids.uuid7()}"
        engine.snooze(incident, for_=for_, because=said["because"], by=by, key=key, now=self.now)
        return self.shown(incident)

    @step(given.Reopened)
    def reopen(self, request: Request, number: str) -> Response:
        """It was not over after all."""
        return self._step(services.reopen, given.Reopened, request)

    @step(given.Invalidation)
    def invalid(self, request: Request, number: str) -> Response:
        """It was no incident: no figure counts it, and the public page forgets it."""
        return self._step(services.mark_invalid, given.Invalidation, request)

    @step(given.Publication)
    def publish(self, request: Request, number: str) -> Response:
        """Let the public read what is known of it now, what waited for approval, and these updates."""
        return self._step(services.publish, given.Publication, request)

    @step(given.Because)
    def decline(self, request: Request, number: str) -> Response:
        """What waits for approval does not go to the public page."""
        return self._step(services.decline, given.Because, request)

    @step(given.Because)
    def unpublish(self, request: Request, number: str) -> Response:
        """Take it off the public page, with all it did to components there."""
        return self._step(services.unpublish, given.Because, request)

    @step(given.Links)
    def link(self, request: Request, number: str) -> Response:
        """Link tickets and requests for help, or remove what was linked."""
        return self._step(services.link, given.Links, request)

    @extend_schema(responses=UpdateSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def updates(self, request: Request, number: str) -> Response:
        """What was said of it, oldest first."""
        updates = list(Update.objects.filter(incident=self.get_object()).order_by("position"))
        return Response(UpdateSerializer(updates, many=True, context={"slugs": slugs_of(updates)}).data)

    @extend_schema(request=given.NewUpdate, responses={201: UpdateSerializer, (409, CONTENT_TYPE): ILLEGAL})
    @updates.mapping.post
    def post_update(self, request: Request, number: str) -> Response:
        """Say how it stands: to the public, among ourselves, or both."""
        incident = self.get_object()
        said = said_in(request, given.NewUpdate)
        by = self.mine(said)
        changes = {name: said.pop(name) for name in KNOWN if name in said}
        update = services.post_update(incident, by=by, now=self.now, changes=changes, key=self.key(), **said)
        return self._said(update, 201)

    @extend_schema(request=given.Correction, responses={200: UpdateSerializer})
    @action(
        detail=True,
        methods=["patch"],
        filterset_class=None,
        pagination_class=None,
        url_path="updates/(?P<position>[0-9]{1,9})",
        url_name="update",
    )
    def correct(self, request: Request, number: str, position: str) -> Response:
        """Put right what an update says. What the public reads is changed by those who may publish alone."""
        update = Update.objects.filter(incident=self.get_object(), position=int(position)).first()
        if update is None:
            raise NotFound("There is no such update.")
        said = said_in(request, given.Correction, partial=True)
        services.edit_update(update, by=self.mine(said), now=self.now, **said)
        return self._said(update)

    @extend_schema(responses=PinSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def pins(self, request: Request, number: str) -> Response:
        """What somebody pinned in Slack, oldest first; what was unpinned too."""
        return Response(PinSerializer(Pin.objects.filter(incident=self.get_object()), many=True).data)

    def _step(self, service: Callable[..., object], shape: type[Strict], request: Request) -> Response:
        incident = self.get_object()
        said = said_in(request, shape)
        service(incident, by=self.mine(said), now=self.now, **said)
        return self.shown(incident)

    def _said(self, update: Update, status: int = 200) -> Response:
        return Response(UpdateSerializer(update, context={"slugs": slugs_of([update])}).data, status=status)


class SeveritySet(ConfiguredSet):
    """The table by which severities, levels and the page's words map to each other."""

    reads = ("read", "incidents")
    writes = ("incidents",)
    refusals = {IncidentError: 400}
    queryset = Severity.objects.order_by("severity")
    serializer_class = SeverityRowSerializer
    lookup_field = "severity"
    lookup_value_regex = "sev-[1-5]"
    http_method_names = ["get", "patch", "head", "options"]
    pages_by = ("severity",)
    save = services.save_severity

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every severity, the worst first."""
        return super().list(request, *args, **kwargs)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what it means for what is declared or changed from now on."""
        return super().partial_update(request, *args, **kwargs)


def _removed(incident: Incident, links: Mapping[str, Any]) -> dict[str, Any]:
    """What is linked and not among those that are to be."""
    return {
        f"{name}_removed": getattr(incident, name).exclude(pk__in=[each.pk for each in links[name]]) for name in links
    }
