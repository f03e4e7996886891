"""Answers to the public: remembered bytes, and nothing else. Part of doors: it reads the clock."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified
from django.utils import timezone
from django.utils.http import http_date

from apps.statuspage.documents import LOST, NOTHING
from apps.statuspage.memory import Entry, Known, memory

# Long enough that a crowd costs a proxy one request, short enough that an update is read within five seconds.
CACHE = "public, max-age=1"
# Packing less saves nothing that a packet would not hold.
WORTH_PACKING = 500
ETAG = re.compile(r'(?:W/)?"([^"]*)"')
NOT_THERE = "There is no such page. What is known of our services is at /status/.\n"
NOT_YET = "The status page cannot be shown right now. Try again in a few seconds.\n"


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """The rendering of `path`: 304 where the reader has it, 404 where there is none, 503 where none was ever made.

    What is hidden and what never was are the same 404.
    """
    if request.method == "OPTIONS":
        return _allowed()
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS"])
    known = entry = None
    try:
        entry = memory.load(path)
        known = memory.newest(look=False)
    except Error:
        pass
    if known is None:
        return _plain(NOT_YET, 503)
    if entry is None:
        # One that was known but could not be read, as the database is away, is not gone.
        return _missing(path, known) if path not in known.entries else _plain(NOT_YET, 503)
    return _answer(request, entry, until=known.until)


def _allowed() -> HttpResponse:
    """What a browser asks first when another page's program reads with headers of its own."""
    allowed = {"Origin": "*", "Methods": "GET, HEAD", "Headers": "*"}
    headers = {f"Access-Control-Allow-{name}": value for name, value in allowed.items()}
    return HttpResponse(
        status=204, headers={**headers, "Access-Control-Max-Age": "86400", "Allow": "GET, HEAD, OPTIONS"}
    )


def _answer(request: HttpRequest, entry: Entry, *, until: datetime) -> HttpResponse:
    is_known = timezone.now() <= until
    etag = entry.etag(known=is_known)
    # What nobody knows any more has become another at that instant.
    modified = http_date((entry.changed_at if is_known else until).timestamp())
    response: HttpResponse
    if _has_it(request, etag, modified):
        response = HttpResponseNotModified()
    else:
        body = entry.body(known=is_known)
        packed = len(body) >= WORTH_PACKING and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
        body = entry.gzip(known=is_known) if packed else body
        response = HttpResponse(b"" if request.method == "HEAD" else body, content_type=entry.content_type)
        response.headers["Content-Length"] = str(len(body))
        if packed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = modified
    response.headers["Cache-Control"] = CACHE
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Content-Security-Policy"] = entry.policy
    # Whatever page reads it: there is nothing here that not everybody may know.
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _has_it(request: HttpRequest, etag: str, modified: str) -> bool:
    said = request.META.get("HTTP_IF_NONE_MATCH")
    if said is not None:
        return said.strip() == "*" or etag[3:-1] in ETAG.findall(said)
    # The very instant and no later one: what became unknown and is known again is as it was before.
    return bool(request.META.get("HTTP_IF_MODIFIED_SINCE") == modified)


def _missing(path: str, known: Known) -> HttpResponse:
    page = known.entries.get(LOST)
    if page is None or page.bodies is None or not path.startswith("/status/"):
        return _plain(NOT_THERE, 404)
    response = HttpResponse(page.body(known=True), status=404, content_type=page.content_type)
    response.headers["Cache-Control"] = CACHE
    response.headers["Content-Security-Policy"] = page.policy
    return response


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store" if status == 503 else CACHE
    response.headers["Content-Security-Policy"] = NOTHING
    if status == 503:
        response.headers["Retry-After"] = "5"
    # Django logs every 5xx as an error; this one is an answer, asked for by everybody.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
