"""Writing why an incident happened: the RCA, and what is done so that it does not happen again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.incidents import states
from apps.incidents.errors import BadIncident, ChangedMeanwhile
from apps.incidents.events import RCAActionDone, RCAChanged, RCAFinished, RCAStarted, RCATakenUp
from apps.incidents.models import RCA, Action, Incident
from apps.incidents.services.texts import LONGEST_LINE, line
from apps.incidents.services.updating import link_rca
from apps.incidents.services.writing import held, record, refresh, told
from apps.incidents.states import Step
from apps.people.acting import Acting
from apps.people.models import Agent

TEXTS = ("summary", "impact", "timeline", "causes")
NEEDED = {"summary": "Say in a few sentences what happened.", "causes": "Say why it happened."}
# A timeline of days is longer than anything one says at once.
LONGEST, MOST_ACTIONS = 100_000, 100
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Todo:
    """What an action should say; `key` None: it is new."""

    text: str
    owner: Agent | None = None
    due_on: date | None = None
    done: bool = False
    key: int | None = None


def kept(text: str) -> str:
    """The text as it is kept; browsers send lines with a carriage return."""
    return _UNSTORABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def in_words(action: Action) -> str:
    """The action in a line, as the trail keeps it."""
    said = [str(action.owner)] if action.owner else []
    said += [f"by {action.due_on:%Y-%m-%d}"] if action.due_on else []
    said += ["done"] if action.done_at else []
    return f"{action.text} ({', '.join(said)})" if said else action.text


@transaction.atomic
def begin(incident: Incident, *, texts: Mapping[str, str], by: Acting, now: datetime) -> tuple[RCA, bool]:
    """The RCA, begun with these texts, and whether this call began it."""
    row = held(incident.pk)
    first = {name: kept(texts.get(name, ""))[:LONGEST] for name in TEXTS}
    values = {**first, "started_at": now, "updated_at": now, "updated_by": by.label}
    rca, fresh = RCA.objects.get_or_create(incident=row, defaults=values)
    if fresh:
        record(row, RCAStarted(**told(row, by)), now=now)
    return rca, fresh


@transaction.atomic
def save(
    rca: RCA,
    *,
    by: Acting,
    now: datetime,
    texts: Mapping[str, str] | None = None,
    actions: Sequence[Todo] = (),
    removed: Collection[int] = (),
    version: int | None = None,
) -> bool:
    """It says this from now on, and these actions are as said or added; whether that was another before.

    An action that says what another one says already is not added. Raises BadIncident, and ChangedMeanwhile when
    `version` is given and somebody wrote since.
    """
    row, mine = _locked(rca, version)
    changes: dict[str, list[Any]] = {}
    for name, text in (texts or {}).items():
        said = _text(name, text)
        if said != getattr(mine, name):
            changes[name] = [getattr(mine, name), said]
            setattr(mine, name, said)
    before = [in_words(each) for each in _actions(mine)]
    _write_actions(mine, actions, removed, now=now)
    after = [in_words(each) for each in _actions(mine)]
    if before != after:
        changes["actions"] = [before, after]
    if not changes:
        return False
    _write(mine, [name for name in changes if name != "actions"], by=by, now=now)
    record(row, RCAChanged(**told(row, by), changes=changes), now=now)
    if mine is not rca:
        rca.refresh_from_db()
    return True


@transaction.atomic
def finish(rca: RCA, *, url: str, by: Acting, now: datetime) -> None:
    """It is written, and linked as the incident's RCA at `url`, for us alone.

    Raises BadIncident where it says too little, IllegalStep while the incident is not closed, NotYours where the public
    follows another RCA and `by` may not publish.
    """
    row, mine = _locked(rca)
    states.check(Step.LINK_RCA, row.at)
    for name, sentence in NEEDED.items():
        if not getattr(mine, name):
            raise BadIncident(name, sentence)
    if mine.finished_at is None:
        mine.finished_at = now
        _write(mine, ["finished_at"], by=by, now=now)
        record(row, RCAFinished(**told(row, by), actions=[in_words(each) for each in _actions(mine)]), now=now)
    link_rca(row, url=url, by=by, now=now)
    refresh(rca.incident, row)
    rca.refresh_from_db()


@transaction.atomic
def take_up(rca: RCA, *, by: Acting, now: datetime) -> None:
    """It is written on; the link to it stays."""
    row, mine = _locked(rca)
    if mine.finished_at is None:
        return
    mine.finished_at = None
    _write(mine, ["finished_at"], by=by, now=now)
    record(row, RCATakenUp(**told(row, by)), now=now)
    rca.refresh_from_db()


@transaction.atomic
def mark_action(action: Action, *, done: bool, by: Acting, now: datetime) -> bool:
    """The action is done, or not any more; whether it was otherwise before."""
    row = held(action.rca.incident_id)
    current = Action.objects.select_related("owner").get(pk=action.pk)
    if (current.done_at is not None) == done:
        return False
    current.done_at = now if done else None
    current.save(update_fields=["done_at"])
    record(row, RCAActionDone(**told(row, by), action=current.text, done=done), now=now)
    action.refresh_from_db()
    return True


def _locked(rca: RCA, version: int | None = None) -> tuple[Incident, RCA]:
    # Whoever writes of an incident holds it, its RCA too: no two orders in which to wait.
    row = held(rca.incident_id)
    mine = RCA.objects.get(pk=rca.pk)
    if version is not None and mine.version != version:
        raise ChangedMeanwhile(f"Somebody changed the RCA of {row} since you opened it. Nothing was written.")
    return row, mine


def _write(mine: RCA, names: Sequence[str], *, by: Acting, now: datetime) -> None:
    mine.updated_at, mine.updated_by = now, by.label
    mine.version += 1
    mine.save(update_fields=[*names, "updated_at", "updated_by", "version"])


def _text(name: str, text: str) -> str:
    if name not in TEXTS:
        raise BadIncident(name, f"An RCA has no {name[:40]}.")
    said = kept(text)
    if len(said) > LONGEST:
        raise BadIncident(name, f"At most {LONGEST:,} characters; these are {len(said):,}.")
    return said


def _actions(mine: RCA) -> list[Action]:
    return list(Action.objects.filter(rca=mine).select_related("owner").order_by("pk"))


def _write_actions(mine: RCA, wanted: Sequence[Todo], removed: Collection[int], *, now: datetime) -> None:
    known = {action.pk: action for action in _actions(mine)}
    Action.objects.filter(rca=mine, pk__in=list(removed)).delete()
    for key in removed:
        known.pop(key, None)
    said = {(each.text, each.owner_id, each.due_on) for each in known.values()}
    for todo in wanted:
        text = line("action", todo.text, "Say in a line what is to be done.", LONGEST_LINE)
        action = known.get(todo.key) if todo.key is not None else None
        if action is None:
            # Removed by somebody meanwhile: what is still wanted is there again.
            if (text, todo.owner.pk if todo.owner else None, todo.due_on) in said:
                continue
            if len(known) >= MOST_ACTIONS:
                raise BadIncident("action", f"At most {MOST_ACTIONS} actions.")
            done_at = now if todo.done else None
            made = Action.objects.create(rca=mine, text=text, owner=todo.owner, due_on=todo.due_on, done_at=done_at)
            known[made.pk] = made
            said.add((text, made.owner_id, made.due_on))
            continue
        action.text, action.owner, action.due_on = text, todo.owner, todo.due_on
        action.done_at = (action.done_at or now) if todo.done else None
        action.save(update_fields=["text", "owner", "due_on", "done_at"])
