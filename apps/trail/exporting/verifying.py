"""Whether an export is what was given out: its files against its manifest, and the manifest against the trail."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from apps.trail.exporting.events import TrailExported
from apps.trail.exporting.formats import JSONL, NAMES
from apps.trail.exporting.manifest import FORMAT, NAME, VERSION
from apps.trail.models import StoredEvent

CHUNK = 65_536
LARGEST_MANIFEST = 1_048_576


def problems(path: str) -> Iterator[str]:
    """What is wrong with the export at `path`, a sentence each; nothing when it is whole and unchanged."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _in(archive)
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        yield f"It cannot be read as a ZIP: {error}. An export that broke off looks like that."


def _in(archive: zipfile.ZipFile) -> Iterator[str]:
    manifest = _manifest(archive)
    if manifest is None:
        yield f"It has no {NAME} that can be read, so it is no export of version {VERSION}."
        return
    files: dict[str, dict[str, Any]] = manifest["files"]
    names = archive.namelist()
    for name in sorted({*names, *files, NAME}):
        if name not in names:
            yield f"{name} is missing."
        elif name not in files and name != NAME:
            yield f"{name} is not in the manifest."
        elif names.count(name) > 1:
            yield f"{name} is there {names.count(name)} times."
    for name in files.keys() & set(names):
        yield from _file(archive, name, manifest)
    yield from _recorded(manifest)


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any] | None:
    try:
        with archive.open(NAME) as file:
            said: dict[str, Any] = json.loads(file.read(LARGEST_MANIFEST))
        known = said["format"] == FORMAT and said["version"] == VERSION
        files = said["files"].values()
        whole = all(isinstance(each["sha256"], str) for each in files) and "count" in said and "recorded_as" in said
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile):
        return None
    return said if known and whole else None


def _file(archive: zipfile.ZipFile, name: str, manifest: dict[str, Any]) -> Iterator[str]:
    digest, lines = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while part := file.read(CHUNK):
                digest.update(part)
                lines += part.count(b"\n")
    except zipfile.BadZipFile as error:
        yield f"{name} is damaged: {error}."
        return
    if digest.hexdigest() != manifest["files"][name]["sha256"]:
        yield f"{name} was changed: its digest is {digest.hexdigest()}, not {manifest['files'][name]['sha256']}."
    if name == NAMES[JSONL] and lines != manifest["count"]:
        yield f"{name} has {lines} events, not {manifest['count']}."


def _recorded(manifest: dict[str, Any]) -> Iterator[str]:
    """Whoever changes a file can change the manifest as well; what the trail says cannot be changed unseen."""
    position = manifest["recorded_as"]
    event = StoredEvent.objects.filter(position=position).first() if isinstance(position, int) else None
    if event is None or event.type != TrailExported.__name__:
        yield f"This portal's trail has no export at event {position}: is it another portal's?"
        return
    digests = {name: file["sha256"] for name, file in manifest["files"].items()}
    if digests != event.field("digests"):
        yield f"The trail recorded other digests at event {position}: the manifest was changed."
    for name in ("asked", "count"):
        if manifest.get(name) != event.field(name):
            yield f"The trail says otherwise at event {position} about “{name}”: the manifest was changed."
    for name in ("first", "last"):
        if (manifest.get(name) or {}).get("position") != event.field(name):
            yield f"The trail says otherwise at event {position} about “{name}”: the manifest was changed."
