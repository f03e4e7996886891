"""What every route stands on: the key acts, POST is idempotent, refusals are problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import mixins
from rest_framework.exceptions import NotFound, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from apps.api import idempotency
from apps.api.filters import Filters
from apps.api.models import ApiKey, IdempotentRequest
from apps.api.parsers import StrictJSON
from apps.trail.context import Actor, acting


class Route(APIView):
    """A route under `/api/v1/`.

    `reads` and `writes` name the scopes of which a key needs one; `refusals` map errors of the services below
    to the status they are answered with (an error with `errors` by field path answers 400 with those).
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    refusals: ClassVar[Mapping[type[Exception], int]] = {}
    parser_classes = [StrictJSON]
    # OPTIONS would describe serializers to whoever asks; the schema does that better.
    metadata_class = None

    now: datetime
    claimed: IdempotentRequest | None
    _during: ExitStack

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # Part of a door, so it reads the clock: once, for all that the request does.
        self.now = timezone.now()  # noqa: TID251
        self.claimed = None
        with ExitStack() as self._during:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # PostgreSQL's text cannot hold it, so nothing is called so; the parser looks at bodies.
        if any("\x00" in str(value) for value in kwargs.values()):
            raise NotFound("There is nothing at this address.")
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise ParseError("Text cannot hold the character U+0000.")
        super().initial(request, *args, **kwargs)
        if isinstance(request.auth, ApiKey):
            actor = Actor(kind="integration", id=str(request.auth.pk), label=request.auth.name)
            self._during.enter_context(acting(actor=actor))
            # Read here so that Django's limit on the size of bodies holds: the parser reads past it.
            self.claimed = idempotency.claim(request, request.auth, request._request.body, now=self.now)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, idempotency.Replay):
            return exc.response
        return super().handle_exception(exc)

    def sent_as(self, path: str) -> str:
        """The path in the body of what a service calls `path`, so that a refusal is placed where it belongs."""
        return path

    def members(self, exc: Exception) -> Mapping[str, Any]:
        """What the problem says of a refusal beside its sentence (RFC 9457, extension members)."""
        return {}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        if self.claimed is not None and isinstance(response, Response):
            idempotency.settle(self.claimed, response)
        return final


class RouteSet(Route, GenericViewSet[Any]):
    """Routes over one model. `pages_by` is the order of its pages: unique, or nearly."""

    pages_by: tuple[str, ...] = ("id",)
    filter_backends = [Filters]
    # What an action reads from its address itself.
    own_parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses parameters nobody reads: a misspelt filter must not mean "all of them"."""
        super().initial(request, *args, **kwargs)
        if self.action is not None:
            known = self._parameters()
            allowed = ", ".join(known)
            unknown = [name for name in request.query_params if name not in known]
            if unknown:
                raise ValidationError({name: [f"There is no such parameter; there are {allowed}."] for name in unknown})

    def _parameters(self) -> list[str]:
        paging = ["cursor", "page_size"] if self.action == "list" else []
        filters = Filters().names(self) if self.action == "list" else []
        return [*filters, *self.own_parameters.get(self.action, ()), *paging, "format"]


class ConfiguredSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RouteSet):
    """What managers configure: list, look at, create, change. Nothing is deleted here; others archive."""

    reads: tuple[str, ...] = ("read", "config")
    writes: tuple[str, ...] = ("config",)

    # What creates or changes the object: (object or None, what was sent, now=…) -> object.
    save: ClassVar[Callable[..., Model]]

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._saved(None, self.get_serializer(data=request.data), 201)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        obj = self.get_object()
        return self._saved(obj, self.get_serializer(obj, data=request.data), 200)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        obj = self.get_object()
        return self._saved(obj, self.get_serializer(obj, data=request.data, partial=True), 200)

    def _saved(self, obj: Model | None, given: BaseSerializer[Any], status: int) -> Response:
        given.is_valid(raise_exception=True)
        saved = type(self).save(obj, **given.validated_data, now=self.now)
        fresh = self.get_queryset().get(pk=saved.pk)
        return Response(self.get_serializer(fresh).data, status=status)
