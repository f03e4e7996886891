"""What is added to a draft beside its text, and taken away: files, and events of the trail. Part of a door."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs import services
from apps.rfhs.errors import BadRFH
from apps.rfhs.form.doors import ID, event_named
from apps.rfhs.models import RFH


def do(request: HttpRequest, agent: Agent, rfh: RFH, verb: str, what: str, *, now: datetime) -> tuple[str, str]:
    """What a button does beside saving: a sentence, and where on the page one goes on. Raises RFHError."""
    by = Acting(agent)
    said, place = ("The draft is saved.", "") if verb == "save" else ("", "")
    files = request.FILES.getlist("files")
    added = sum(services.attach(rfh, name=each.name or "", content=each.read(), by=by, now=now)[1] for each in files)
    if files:
        said, place = f"{_count(added, 'file')} attached." if added else "These files were there already.", "#files"
    elif verb == "attach":
        raise BadRFH("files", "Choose the files first.")
    if verb == "remove" and what.isascii() and what.isdecimal() and len(what) <= 18:
        gone = services.remove_file(rfh, attachment=int(what), by=by, now=now)
        return (f"{gone} is removed." if gone else "That file was removed before."), "#files"
    if verb == "drop" and ID.fullmatch(what):
        services.detach_event(rfh, event=UUID(what), by=by, now=now)
        return "That event need not be explained any more.", "#events"
    named = [
        *request.POST.getlist("events"),
        *([request.POST["event"]] if request.POST.get("event", "").strip() else []),
    ]
    question = request.POST.get("event_question", "").replace("\x00", "")
    fresh = 0
    for each in named:
        fresh += services.attach_event(rfh, event=event_named(each, agent), question=question, by=by, now=now)[1]
    if named:
        return f"{_count(fresh, 'event')} attached." if fresh else "That event was attached already.", "#events"
    if verb == "explain":
        raise BadRFH("event", "Choose an event of the story, or give the number, id or address of one.")
    return said, place


def _count(count: int, what: str) -> str:
    return f"1 {what} is" if count == 1 else f"{count} {what}s are"
