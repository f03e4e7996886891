"""What is for us alone is in no byte that everybody can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from apps.incidents.models import Component, Incident, Maintenance
from apps.statuspage.memory import memory
from apps.statuspage.models import Rendering
from apps.statuspage.visible import snapshot
from tests.statuspage.reading import rendered
from tests.statuspage.world import build, canary, fill

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Any:
    memory.forget()
    yield
    memory.forget()


def addresses(patterns: list[Any], before: str = "/") -> Iterator[str]:
    """Every address of the portal that needs no argument."""
    for each in patterns:
        route = str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, f"{before}{route}")
        elif isinstance(each, URLPattern) and not set("<(?\\[") & set(f"{before}{route}"):
            yield f"{before}{route.removesuffix('$').removeprefix('^')}"


def served() -> dict[str, bytes]:
    """All that a stranger is answered, head and body; and both renderings of everything."""
    found: dict[str, bytes] = {}
    for row in Rendering.objects.all():
        found[f"{row.path} (unknown)"] = bytes(row.unknown_body)
    client = Client(raise_request_exception=False)
    hidden = [
        *(f"/status/incidents/{each.public_id}/" for each in Incident.objects.all()),
        *(f"/status/components/{each.public_id}/" for each in Component.objects.all()),
        *(f"/status/maintenance/{each.public_id}/" for each in Maintenance.objects.all()),
    ]
    # Made from the code alone, and slowly.
    paths = set(addresses(get_resolver().url_patterns)) - {"/api/schema/"}
    for path in {*paths, *Rendering.objects.values_list("path", flat=True), *hidden}:
        answer = client.get(path)
        found[path] = b"\n".join(f"{name}: {value}".encode() for name, value in answer.items()) + answer.getvalue()
    return found


def test_no_public_byte_holds_what_is_for_us_alone() -> None:
    world = build(timezone.now())
    shot = snapshot(at=timezone.now())
    assert (len(shot.incidents), len(shot.components), len(shot.groups), len(shot.maintenances)) == (2, 1, 1, 1)
    may, may_not = fill(world, canary)
    rendered()

    everything = served()

    whole = b"\n".join(everything.values())
    told = {where for text, where in may_not.items() if text.encode() in whole}
    assert not told, [path for path, body in everything.items() if any(text.encode() in body for text in may_not)]
    # And it was looked for where it would have been found.
    missing = {where for text, where in may.items() if text.encode() not in whole}
    assert not {where for where in missing if "Severity" not in where}
    assert len(may_not) > 150
