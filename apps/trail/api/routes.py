"""The trail's routes: read by cursor, followed as it grows, and published on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import idempotency
from apps.api.fields import Strict
from apps.api.problems import Conflict
from apps.api.routes import RouteSet
from apps.trail import awaiting, reading, searching
from apps.trail import services as trail
from apps.trail.api.shapes import (
    EXAMPLE,
    EXAMPLE_TREE,
    EXAMPLE_TYPE,
    EventPageSerializer,
    EventSerializer,
    EventTypeSerializer,
    FollowQuery,
    LinkSerializer,
    NewEvent,
    NodeSerializer,
    TrailQuery,
    TreeSerializer,
)
from apps.trail.catalogue import catalogue
from apps.trail.causation import Node, Tree, chain
from apps.trail.errors import BadEvent
from apps.trail.models import StoredEvent
from apps.trail.order import START, Cursor
from apps.trail.reading import Query

# JSON nested deeper than this is more than many readers take.
DEEPEST_TREE = 100
# Seconds after which somebody who found no room to wait may try again.
NO_ROOM = 5
ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="The event's id, or its position.")


class TrailSet(RouteSet):
    """What every route of the trail shares. The scope `read` does not open it."""

    reads = ("events",)
    writes = ("events",)
    filter_backends = []
    pagination_class = None
    queryset = StoredEvent.objects.all()

    def _parameters(self) -> list[str]:
        return [*self.own_parameters.get(self.action, ()), "format"]


class EventSet(TrailSet):
    """The events on the trail."""

    refusals = {BadEvent: 400}
    serializer_class = EventSerializer
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9]{1,18}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    own_parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "list": tuple(TrailQuery().fields),
        "follow": tuple(FollowQuery().fields),
    }

    def sent_as(self, path: str) -> str:
        return {"name": "type", "cause": "caused_by", "to": "stream"}.get(path, path)

    @extend_schema(
        parameters=[TrailQuery],
        responses=EventPageSerializer,
        examples=[OpenApiExample("A page", {"results": [EXAMPLE], "next": EXAMPLE["cursor"]}, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Events, newest first; with `after` oldest first, and only such as nothing can still appear before."""
        asked = asked_of(TrailQuery, request)
        query = Query(
            stream=asked.get("stream", ""),
            types=asked.get("type", ()),
            actor=asked.get("actor", ""),
            correlation=asked.get("correlation"),
            since=asked.get("since"),
            until=asked.get("until"),
            words=asked.get("q", ""),
        )
        limit, after = asked["limit"], asked.get("after")
        if after is not None:
            return _page(reading.forwards(query, after=after, limit=limit, below=reading.horizon()), after)
        found = searching.search(query, before=asked.get("before"), limit=limit + 1)
        page = found[:limit]
        following = page[-1].cursor if len(found) > limit else None
        return Response(EventPageSerializer({"results": page, "next": following}).data)

    @extend_schema(
        parameters=[FollowQuery],
        responses=EventPageSerializer,
        examples=[OpenApiExample("What came", {"results": [EXAMPLE], "next": EXAMPLE["cursor"]}, response_only=True)],
    )
    @action(detail=False, methods=["get"])
    def follow(self, request: Request) -> Response:
        """What comes after a cursor: at once when there is something, else as soon as there is (a long poll).

        Begin without `after`, which answers at once with where the trail ends now, or with `after=0.0.0` for all of it;
        then give each answer's `next` back. Whoever does so misses nothing and gets nothing twice. When nothing came
        within `wait` seconds the answer is empty, with the same cursor. When too many wait already it is empty at once,
        with a Retry-After. An event that is linked to a stream later stands where it was recorded, so who follows a
        stream sees the EventsLinked that tells of it instead.
        """
        asked = asked_of(FollowQuery, request)
        after = asked.get("after")
        if after is None:
            return _page([], reading.newest(reading.horizon()) or START)
        query = Query(stream=asked.get("stream", ""), types=asked.get("type", ()))
        found = awaiting.next_events(query, after=after, limit=asked["limit"], seconds=asked["wait"])
        if found is None:
            return _page([], after, headers={"Retry-After": str(NO_ROOM)})
        return _page(found, after)

    @extend_schema(parameters=[ID], examples=[OpenApiExample("An event", EXAMPLE, response_only=True)])
    def retrieve(self, request: Request, id: str) -> Response:
        """One event, by its id or its position."""
        return Response(EventSerializer(_event(id)).data)

    @extend_schema(
        parameters=[ID],
        responses=TreeSerializer,
        examples=[
            OpenApiExample("A chain of two", EXAMPLE_TREE, response_only=True),
        ],
    )
    @action(detail=True, methods=["get"])
    def tree(self, request: Request, id: str) -> Response:
        """What led to an event and what it led to, from the root cause on: at most 500 events, 100 levels deep."""
        return Response(_shown(chain(_event(id))))

    @extend_schema(
        request=NewEvent,
        responses={201: EventSerializer},
        examples=[
            OpenApiExample(
                "A correction",
                {
                    "type": "VatRateCorrected",
                    "data": {"before": 16, "after": 19},
                    "about": ["customer:acme"],
                    "caused_by": EXAMPLE["id"],
                },
                request_only=True,
            ),
            OpenApiExample("The event", EXAMPLE, response_only=True),
        ],
    )
    def create(self, request: Request) -> Response:
        """Publish an event of a type of your own. It is recorded in the name of the key, and never changed again."""
        said = _said(NewEvent, request)
        with transaction.atomic():
            recorded = trail.publish(
                said["type"],
                data=said.get("data"),
                about=said["about"],
                occurred_at=said.get("occurred_at"),
                cause=said.get("caused_by"),
                now=self.now,
            )
            answer = Response(EventSerializer(_event(str(recorded.position))).data, status=201)
            # With the event or not at all: a request whose answer was lost must not publish it twice.
            if self.claimed is not None and not idempotency.settle(self.claimed, answer):
                raise Conflict("Another request under this Idempotency-Key was quicker; ask again.")
        return answer

    @extend_schema(
        parameters=[ID],
        request=LinkSerializer,
        responses={
            201: LinkSerializer,
            200: OpenApiResponse(LinkSerializer, "It was on the stream already; nothing was changed."),
        },
        examples=[OpenApiExample("A case", {"stream": "case:12", "because": "The first sign of it."})],
    )
    @action(detail=True, methods=["post"])
    def links(self, request: Request, id: str) -> Response:
        """Put an event on a further stream, such as a case's. It is not copied, and stays on its own."""
        event, said = _event(id), _said(LinkSerializer, request)
        fresh = trail.link([event.position], to=said["stream"], because=said["because"], now=self.now)
        return Response(said, status=201 if fresh else 200)


class EventTypeSet(TrailSet):
    """The types of events the portal records."""

    serializer_class = EventTypeSerializer

    @extend_schema(
        responses=EventTypeSerializer(many=True),
        examples=[OpenApiExample("Some types", EXAMPLE_TYPE, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Every type with its fields, what they mean, and which may hold data about a person."""
        return Response(EventTypeSerializer(catalogue(), many=True).data)


def asked_of(shape: type[Strict], request: Request) -> dict[str, Any]:
    """What the address asks, by `shape`; each parameter once, but for `type`."""
    given = dict(request.query_params.lists())
    given.pop("format", None)
    repeated = [name for name, values in given.items() if len(values) > 1 and name != "type"]
    if repeated:
        raise ValidationError({name: ["Say this once."] for name in repeated})
    asked = shape(data={name: values if name == "type" else values[0] for name, values in given.items()})
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _said(shape: type[Strict], request: Request) -> dict[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _event(id: str) -> StoredEvent:
    known = {"position": int(id)} if id.isdecimal() else {"event_id": UUID(id)}
    event = StoredEvent.objects.filter(**known).first()
    if event is None:
        raise NotFound("There is no such event.")
    return event


def _page(events: Sequence[StoredEvent], after: Cursor, headers: Mapping[str, str] | None = None) -> Response:
    """A page of reading on: it says where to go on even when there is nothing yet."""
    following = events[-1].cursor if events else after
    return Response(EventPageSerializer({"results": events, "next": following}).data, headers=dict(headers or {}))


def _shown(tree: Tree) -> dict[str, Any]:
    """The tree as JSON. Without recursion, for Python's stack may be shorter; cut where readers would stop."""
    root, cut = _node(tree.root), tree.cut
    waiting: list[tuple[Node, dict[str, Any], int]] = [(tree.root, root, 1)]
    for node, shown, level in waiting:
        if level == DEEPEST_TREE and node.children:
            cut = True
            continue
        for child in node.children:
            shown["led_to"].append(_node(child))
            waiting.append((child, shown["led_to"][-1], level + 1))
    return {"root": root, "cut": cut}


def _node(node: Node) -> dict[str, Any]:
    return dict(NodeSerializer(node.event).data)
