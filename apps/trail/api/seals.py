"""The seals' routes: which there are, the newest, and the proof that an event is under one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Instant, Strict
from apps.trail.api.routes import TrailSet, asked_of
from apps.trail.seals import proving, selectors
from apps.trail.seals.models import Seal

HASH = "0d5f3f1a54b8a2c36b1d2f6c1de14e5f3a7c7b9d1e6f40a2b8c9d0e1f2a3b4c5"
ROOT = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
EXAMPLE: dict[str, Any] = {
    "number": 412,
    "head": f"seal 412 {HASH}",
    "hash": HASH,
    "previous": "9c1f7e5d3b2a190807f6e5d4c3b2a1908f7e6d5c4b3a29180f7e6d5c4b3a2918",
    "root": ROOT,
    "form": 1,
    "count": 2,
    "first": "1.90721.48213",
    "last": "1.90724.48214",
    "made_at": "2026-03-18T09:00:02Z",
}
EXAMPLE_PROOF: dict[str, Any] = {
    "seal": 412,
    "position": 48213,
    "index": 0,
    "count": 2,
    "document": '[1, 90721, 48213, "0195a8e2-9f04-7a51-a7a7-2f8d5c1e0b11", "TicketStatusChanged", 1, …]',
    "leaf": "4c94485e0c21ae6c41ce1dfe7b6bfaceea5ab68e40a2476f50208e526f506080",
    "path": ["fcf0a6c700dd13e274b6fba8deea8dd9b26e4eedde3495717cac8408c9c5177f"],
    "root": ROOT,
}
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="The seal's number.")


class SealSerializer(serializers.Serializer[Seal]):
    """A batch of the trail, vouched for. SHA-256 over everything it says is its hash; the next one names that."""

    number = serializers.IntegerField(help_text="From 1, without a gap.")
    head = serializers.CharField(help_text="What to keep elsewhere, for manage.py verify_trail --head.")
    hash = serializers.CharField(help_text="64 hexadecimal digits, as every hash here.")
    previous = serializers.CharField(help_text="The hash of the seal before; zeros for the first.")
    root = serializers.CharField(  # type: ignore[assignment]
        help_text="Of the Merkle tree (RFC 6962) over its events."
    )
    form = serializers.IntegerField(help_text="Which way of writing an event as bytes was used.")
    count = serializers.IntegerField(help_text="How many events are under it.")
    first = serializers.CharField(help_text="The cursor of its first event.")
    last = serializers.CharField(help_text="The cursor of its last event.")
    made_at = Instant()

    def to_representation(self, seal: Seal) -> dict[str, Any]:
        shown = super().to_representation(seal)
        return {**shown, **{name: bytes(getattr(seal, name)).hex() for name in ("hash", "previous", "root")}}


class SealPageSerializer(serializers.Serializer[Any]):
    """Some seals, and where to go on."""

    results = SealSerializer(many=True)
    next = serializers.IntegerField(allow_null=True, help_text="What to give as `before`; null when none is left.")


class ProofSerializer(serializers.Serializer[Any]):
    """Why an event is under a seal: hash `document` to `leaf`, and `leaf` with each of `path` up to `root`."""

    seal = serializers.IntegerField()
    position = serializers.IntegerField(help_text="The event's.")
    index = serializers.IntegerField(help_text="Which of the seal's events it is, from 0.")
    count = serializers.IntegerField(help_text="How many events are under the seal.")
    document = serializers.CharField(help_text="The event as the bytes (UTF-8) that are hashed, after a zero byte.")
    leaf = serializers.CharField(help_text="SHA-256 of that, as it was sealed.")
    path = serializers.ListField(
        child=serializers.CharField(), help_text="The hashes beside it, from the leaf upwards (RFC 6962, 2.1.1)."
    )
    root = serializers.CharField(help_text="The seal's root, which this must come to.")  # type: ignore[assignment]


class SealQuery(Strict):
    """Which seals."""

    before = serializers.IntegerField(min_value=1, required=False, help_text="Only seals before this number.")
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50, help_text="At most so many.")


class ProofQuery(Strict):
    """Which event."""

    event = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Its position.")


class SealSet(TrailSet):
    """The chain of seals over the trail."""

    serializer_class = SealSerializer
    queryset = Seal.objects.bare()  # type: ignore[assignment]
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,18}"
    own_parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "list": tuple(SealQuery().fields),
        "proof": tuple(ProofQuery().fields),
    }

    @extend_schema(
        parameters=[SealQuery],
        responses=SealPageSerializer,
        examples=[OpenApiExample("A page", {"results": [EXAMPLE], "next": 412}, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Seals, newest first."""
        asked = asked_of(SealQuery, request)
        seals = Seal.objects.bare().order_by("-number")
        if "before" in asked:
            seals = seals.filter(number__lt=asked["before"])
        found = list(seals[: asked["limit"] + 1])
        page = found[: asked["limit"]]
        following = page[-1].number if len(found) > len(page) else None
        return Response(SealPageSerializer({"results": page, "next": following}).data)

    @extend_schema(parameters=[NUMBER], examples=[OpenApiExample("A seal", EXAMPLE, response_only=True)])
    def retrieve(self, request: Request, number: str) -> Response:
        """One seal."""
        return Response(SealSerializer(_seal(number)).data)

    @extend_schema(examples=[OpenApiExample("The newest", EXAMPLE, response_only=True)])
    # A method called `head` would answer HEAD requests.
    @action(detail=False, methods=["get"], url_path="head", url_name="head")
    def newest(self, request: Request) -> Response:
        """The newest seal: keep its `head` where nobody who can change the database can change it."""
        newest = selectors.newest()
        if newest is None:
            raise NotFound("Nothing is sealed yet.")
        return Response(SealSerializer(newest).data)

    @extend_schema(
        parameters=[NUMBER, ProofQuery],
        responses=ProofSerializer,
        examples=[OpenApiExample("A proof", EXAMPLE_PROOF, response_only=True)],
    )
    @action(detail=True, methods=["get"])
    def proof(self, request: Request, number: str) -> Response:
        """That an event is under the seal, for whoever has the seal's root from elsewhere."""
        asked = asked_of(ProofQuery, request)
        proof = proving.prove(_seal(number), asked["event"])
        if proof is None:
            raise NotFound("That event is not under this seal.")
        return Response(ProofSerializer(proof).data)


def _seal(number: str) -> Seal:
    seal = Seal.objects.bare().filter(number=int(number)).first()
    if seal is None:
        raise NotFound("There is no such seal.")
    return seal
