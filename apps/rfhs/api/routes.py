"""The routes of requests for help: each step of their life, and which team a text belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import steps
from apps.api.fields import Strict
from apps.api.problems import CONTENT_TYPE
from apps.api.routes import RouteSet
from apps.api.steps import ILLEGAL, OfVersion, said_in, taken_by
from apps.people.acting import Acting
from apps.rfhs import rights, services
from apps.rfhs.api import given
from apps.rfhs.api.filters import RFHFilter
from apps.rfhs.api.shapes import NoteSerializer, RFHDetailSerializer, RFHSerializer, SuggestedTeam, suggested
from apps.rfhs.api.waiting import is_being_made
from apps.rfhs.errors import BadRFH, ChangedMeanwhile, IllegalStep, NotYours, PrivateText, RFHError, UnknownRFH
from apps.rfhs.models import RFH, Issue, Note
from apps.rfhs.routing.proposing import propose, propose_for
from apps.rfhs.selectors import RELATED

PRIVATE = OpenApiResponse(
    {"$ref": "#/components/schemas/Problem"},
    "The public would read what is the customer's: `places` says where, with neutral words to say instead.",
)
BEING_MADE = "It is filed; its issue is still being made, and `issue_url` is empty until then: read the request again."


def step(taken: type[Strict], more: Mapping[Any, Any] | None = None) -> Callable[..., Any]:
    """A route that moves a request."""
    return steps.step(taken, RFHDetailSerializer, more)


class RFHSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RouteSet):
    """Requests for help: from a draft to what was learned."""

    reads = ("read", "rfhs")
    writes = ("rfhs",)
    refusals = {
        UnknownRFH: 404,
        IllegalStep: 409,
        ChangedMeanwhile: 409,
        PrivateText: 422,
        NotYours: 403,
        BadRFH: 400,
        RFHError: 400,
    }
    queryset = RFH.objects.select_related(*RELATED).prefetch_related(Prefetch("issues", Issue.objects.order_by("pk")))
    serializer_class = RFHDetailSerializer
    filterset_class = RFHFilter
    lookup_value_regex = "(?:[Rr][Ff][Hh]-)?[0-9]{1,18}"
    pages_by = ("-id",)
    # What the API calls what a service calls otherwise.
    CALLED = {"assign": {"owner": "to"}}

    @property
    def today(self) -> date:
        """Where the portal is: exceptions end with a day."""
        return timezone.localdate(self.now)

    def get_object(self) -> RFH:
        self.kwargs["pk"] = self.kwargs["pk"].upper().removeprefix("RFH-")
        rfh: RFH = super().get_object()
        return rfh

    def get_serializer_class(self) -> Any:
        return RFHSerializer if self.action == "list" else RFHDetailSerializer

    def sent_as(self, path: str) -> str:
        return self.CALLED.get(str(self.action), {}).get(path, path)

    def members(self, exc: Exception) -> Mapping[str, Any]:
        if isinstance(exc, IllegalStep):
            return {"step": exc.step, "legal_from": exc.legal_from}
        if isinstance(exc, PrivateText):
            return {"places": [_place(each) for each in exc.places]}
        return {}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Requests, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=given.NewRFH, responses={201: RFHDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin a request: a draft. Repeated with the same Idempotency-Key it is one request."""
        said = said_in(request, given.NewRFH)
        by = taken_by(said)
        if by.agent is not None and not rights.may_begin(by.agent):
            raise NotYours(f"{by.agent} may not ask for help.")
        if "accountable" in said and said["accountable"] is None:
            del said["accountable"]
        # Under an Idempotency-Key, a request taken over after a crash finds its draft begun.
        key = f"api:request:{self.claimed.pk}" if self.claimed else ""
        rfh, _ = services.begin(by=by, now=self.now, source=RFH.Source.API, source_key=key, **said)
        return self._shown(rfh, 201)

    @extend_schema(request=given.RFHChange, responses=RFHDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what a request says. Its state moves by steps alone."""
        rfh = self.get_object()
        said = said_in(request, given.RFHChange, partial=True)
        by, version = self._mine(rfh, said), said.pop("version", None)
        services.change(rfh, said, by=by, now=self.now, version=version)
        return self._shown(rfh)

    @step(OfVersion)
    def ask_teammates(self, request: Request, pk: str) -> Response:
        """Ask support's own people first, in their channel."""
        return self._step(services.ask_teammates, OfVersion, request)

    @step(given.Solution)
    def solved_by_teammate(self, request: Request, pk: str) -> Response:
        """A teammate knew: it ends here, and counts as not needing engineering."""
        return self._step(services.solved_by_teammate, given.Solution, request)

    @step(given.Filing, {202: OpenApiResponse(RFHDetailSerializer, BEING_MADE), (422, CONTENT_TYPE): PRIVATE})
    def file(self, request: Request, pk: str) -> Response:
        """Ask the team. A worker makes the issue; its address is waited for a moment."""
        rfh = self.get_object()
        said = said_in(request, given.Filing)
        by, seconds = self._mine(rfh, said), said.pop("wait")
        proposals = propose_for(rfh, today=self.today)
        if said.get("area") is None:
            # Of the team somebody chose, what its words say it is about.
            said["area"] = next((each.area for each in proposals if each.team == said["team"]), None)
        proposed = proposals[0].area if proposals else None
        services.file(rfh, proposed_area=proposed, by=by, now=self.now, **said)
        return self._shown(rfh, 202 if is_being_made(rfh, seconds=seconds) else 200)

    @step(given.Publishing, {(422, CONTENT_TYPE): PRIVATE})
    def publish(self, request: Request, pk: str) -> Response:
        """Give the private issue of a defect a public twin, without the customer."""
        return self._step(services.publish, given.Publishing, request)

    @step(OfVersion)
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Take it: the promise to acknowledge is kept."""
        return self._step(services.acknowledge, OfVersion, request)

    @step(OfVersion)
    def start(self, request: Request, pk: str) -> Response:
        """Work on it; what nobody acknowledged is acknowledged by that."""
        return self._step(services.start, OfVersion, request)

    @step(given.HandingOver)
    def hand_over(self, request: Request, pk: str) -> Response:
        """Another team has it from now on."""
        return self._step(services.hand_over, given.HandingOver, request)

    @step(given.Answer)
    def answer(self, request: Request, pk: str) -> Response:
        """Give the team's answer; support goes on from here."""
        return self._step(services.answer, given.Answer, request)

    @step(given.Resolution)
    def resolve(self, request: Request, pk: str) -> Response:
        """The customer is served, and what was learned is written down."""
        return self._step(services.resolve, given.Resolution, request)

    @step(given.Rerouting)
    def reroute(self, request: Request, pk: str) -> Response:
        """A feature, or a bug of low urgency: its owner plans it, and our part ends."""
        return self._step(services.reroute, given.Rerouting, request)

    @step(given.Withdrawal)
    def withdraw(self, request: Request, pk: str) -> Response:
        """Help is not needed any more."""
        return self._step(services.withdraw, given.Withdrawal, request)

    @step(given.Reopening)
    def reopen(self, request: Request, pk: str) -> Response:
        """It was not over: the team has it again, or support its draft."""
        return self._step(services.reopen, given.Reopening, request)

    @step(given.Assignment)
    def assign(self, request: Request, pk: str) -> Response:
        """Say who works on it; who is accountable stays so."""
        return self._step(services.assign, given.Assignment, request)

    @extend_schema(responses=NoteSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, pagination_class=None)
    def updates(self, request: Request, pk: str) -> Response:
        """What was said about it, oldest first: updates, comments of its issue, words among us."""
        notes = Note.objects.filter(rfh=self.get_object()).order_by("at", "pk")
        return Response(NoteSerializer(notes, many=True).data)

    @extend_schema(request=given.Saying, responses={201: NoteSerializer, (409, CONTENT_TYPE): ILLEGAL})
    @updates.mapping.post
    def post_update(self, request: Request, pk: str) -> Response:
        """Tell everybody how it stands; the promise of updates starts anew."""
        rfh = self.get_object()
        said = said_in(request, given.Saying)
        note = services.post_update(rfh, by=self._mine(rfh, said), now=self.now, **said)
        return Response(NoteSerializer(note).data, status=201)

    @extend_schema(request=given.TextToRoute, responses=SuggestedTeam(many=True))
    @action(detail=False, methods=["post"], filterset_class=None, pagination_class=None, url_path="suggest-team")
    def suggest_team(self, request: Request) -> Response:
        """Which teams a text could go to, with the words that say so. Nothing is kept."""
        text = said_in(request, given.TextToRoute)["text"]
        return Response(SuggestedTeam(suggested(propose(text, today=self.today)), many=True).data)

    def _step(self, service: Callable[..., object], shape: type[Strict], request: Request) -> Response:
        rfh = self.get_object()
        said = said_in(request, shape)
        service(rfh, by=self._mine(rfh, said), now=self.now, **said)
        return self._shown(rfh)

    def _mine(self, rfh: RFH, said: dict[str, Any]) -> Acting:
        """Who does it. A key may; an agent it speaks for must be one who could do it in the portal."""
        by = taken_by(said)
        if by.agent is not None and not rights.may_change(by.agent, rfh):
            raise NotYours(f"{by.agent} may not change {rfh}: it is another team's.")
        return by

    def _shown(self, rfh: RFH, status: int = 200) -> Response:
        fresh = self.get_queryset().get(pk=rfh.pk)
        return Response(self.get_serializer(fresh).data, status=status)


def _place(each: Any) -> dict[str, Any]:
    return {name: getattr(each, name) for name in ("field", "start", "end", "text", "why", "instead")}
