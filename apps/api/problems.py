"""Every refusal as a problem of RFC 9457: `application/problem+json`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
ELSEWHERE = "non_field_errors"


class Conflict(exceptions.APIException):
    """The request is fine, but not at this moment."""

    status_code = 409
    default_code = "conflict"


class Unprocessable(exceptions.APIException):
    """The request contradicts an earlier one."""

    status_code = 422
    default_code = "unprocessable"


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to a request that raised: the view's own refusals, what the framework refuses, or a failure."""
    view = context.get("view")
    for refused, status in getattr(view, "refusals", {}).items():
        if isinstance(exc, refused):
            return _refusal(exc, status, view)
    match exc:
        case exceptions.ValidationError():
            return invalid(flatten(exc.detail))
        case exceptions.APIException():
            return problem(exc.status_code, _sentence(exc.detail), headers=_headers(exc))
        case Http404():
            return problem(404, "There is nothing at this address.")
        case PermissionDenied():
            return problem(403, "This is not allowed.")
        case RequestDataTooBig():
            return problem(413, "The body is larger than this server takes.")
        case SuspiciousOperation():
            return problem(400, "The request is malformed.")
    logger.error("%s failed", type(view).__name__, exc_info=exc)
    return problem(500, "The server failed to do this. It has been logged; please try again.")


def problem(
    status: int,
    detail: str,
    *,
    errors: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = dict(errors)
    return Response(body, status=status, headers=dict(headers or {}), content_type=CONTENT_TYPE)


def invalid(errors: Mapping[str, list[str]]) -> Response:
    """400, with what is wrong where; what is about no field in particular is in the detail alone."""
    sentences = [f"{path}: {sentence}" if path else sentence for path, found in errors.items() for sentence in found]
    fields = {path: found for path, found in errors.items() if path}
    return problem(400, " ".join(sentences[:10]), errors=fields)


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested errors by dotted path: `{"promises.0.within": ["…"]}`."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            found |= _merged(found, flatten(inner, path if name == ELSEWHERE else _join(path, str(name))))
        return found
    if isinstance(detail, list | tuple):
        found = {}
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            found |= _merged(found, flatten(inner, _join(path, str(index)) if nested else path))
        return found
    return {path: [str(detail)]}


def _merged(known: Mapping[str, list[str]], more: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {path: [*known.get(path, []), *found] for path, found in more.items()}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refusal(exc: Exception, status: int, view: Any) -> Response:
    errors = getattr(exc, "errors", None)
    if isinstance(errors, Mapping) and status == 400:
        return invalid({view.sent_as(path): list(found) for path, found in errors.items()})
    answer = problem(status, str(exc))
    answer.data.update(view.members(exc))
    return answer


def _sentence(detail: Any) -> str:
    return " ".join(sentence for found in flatten(detail).values() for sentence in found)


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    return headers
