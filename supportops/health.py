"""Whether the portal is alive, and whether it can do its work. A door: it reads the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.escalations.models import Beat

# A job is scheduled every minute, so a worker that lives has begun one lately.
FRESH = timedelta(minutes=2)

# Migrations are applied once a process's life: after the first yes there is nothing to ask again.
_migrated = False


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answers /healthz and /readyz before anything else looks: a load balancer knows no host name and no TLS."""
    views = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        return view(request) if view else get_response(request)

    return middleware


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: this process answers. Asks nobody."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations and a worker are there; 503 that says what is missing."""
    found = missing()
    response = JsonResponse({"ready": not found, "missing": found}, status=503 if found else 200)
    # Django logs every 5xx as an error; this one is an answer, asked for every few seconds.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def missing() -> dict[str, str]:
    """What keeps the portal from working, each with a sentence."""
    try:
        if not _is_migrated():
            return {"migrations": "Not all migrations are applied: run manage.py migrate."}
        beat = Beat.objects.filter(name="worker").first()
    except DatabaseError as error:
        return {"database": f"The database does not answer: {type(error).__name__}."}
    if beat is None:
        return {"worker": "No worker has ever begun a job: start manage.py worker."}
    if timezone.now() - beat.at > FRESH:
        return {"worker": f"The last job began at {beat.at:%Y-%m-%d %H:%M:%S} UTC: is manage.py worker running?"}
    return {}


def _is_migrated() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
