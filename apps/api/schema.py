"""How the routes are described in OpenAPI."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from apps.api import idempotency
from apps.api.problems import CONTENT_TYPE
from apps.api.routes import Route

PROBLEM = {
    "type": "object",
    "description": "A refusal, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "example": "about:blank"},
        "title": {"type": "string", "example": "Bad Request"},
        "status": {"type": "integer", "example": 400},
        "detail": {"type": "string", "description": "What is wrong, in words fit to show a person."},
        "errors": {
            "type": "object",
            "description": "What is wrong where: a field's dotted path, such as promises.0.within, and sentences.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "legal_from": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of a step that is illegal now: the states it would be legal from.",
        },
        "places": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Of a text that is not for the public: field, start, end, text, why, what to say instead.",
        },
    },
}
# The tag of what needs no key.
PUBLIC = "public"
ALWAYS = {
    "401": "The request brings no key, or one that opens nothing.",
    "403": "The key lacks the scope this needs.",
    "429": "Too many requests under this key; Retry-After says how long to wait.",
    "default": "Any other refusal.",
}
WITH_BODY = {"400": "Something sent cannot be accepted; `errors` says what and why."}
WITH_PATH = {"404": "There is no such thing."}
WITH_KEY = {
    "409": "It contradicts what is, or the first request under this Idempotency-Key is still being worked.",
    "422": "This Idempotency-Key was used for another request.",
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[misc]
    """`Authorization: Bearer KEY`."""

    target_class = "apps.api.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of `manage.py create_api_key`, or of the admin.",
        }


class Schema(AutoSchema):  # type: ignore[misc]
    """Adds what every route has: its scopes, and the Idempotency-Key of a POST."""

    def get_description(self) -> str:
        words: str = super().get_description() or ""
        if isinstance(self.view, Route):
            scopes = self.view.reads if self.method == "GET" else self.view.writes
            words = f"{words}\n\nScope: {' or '.join(f'`{scope}`' for scope in scopes)}."
        return words.strip()

    def get_override_parameters(self) -> list[Any]:
        if self.method != "POST":
            return []
        return [
            OpenApiParameter(
                idempotency.HEADER,
                str,
                OpenApiParameter.HEADER,
                description="At most 255 characters of yours. The same request under it again is answered as "
                f"the first was (with `{idempotency.REPLAYED}: true`) and nothing is done twice. Kept for 24 hours.",
            )
        ]


def describe_problems(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Every operation says which problems it answers with."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if PUBLIC in operation.get("tags", ()):
                # Of everybody and without a key: it knows no refusal of ours.
                continue
            problems = dict(ALWAYS)
            if "requestBody" in operation or operation.get("parameters"):
                problems |= WITH_BODY
            if "{" in path:
                problems |= WITH_PATH
            if method == "post":
                problems |= WITH_KEY
            for status, words in sorted(problems.items()):
                operation["responses"].setdefault(status, _problem(words))
    return result


def _problem(words: str) -> dict[str, Any]:
    return {
        "description": words,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
