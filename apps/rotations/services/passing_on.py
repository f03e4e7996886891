"""Passing the items of a hand-over on, and giving what nobody took to the incoming lead."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.people.models import Agent
from apps.rotations.errors import ContextChanged, RotationError
from apps.rotations.handovers.board import needs_somebody
from apps.rotations.handovers.events import HandOverSettled, HandOverUnsettled, ItemNoted, ItemPassedOn, LeftToTheLead
from apps.rotations.handovers.items import Item, NotPassedOn, providers
from apps.rotations.handovers.opening import STILL
from apps.rotations.handovers.selectors import lead_on_duty, on_side, sections, with_people
from apps.rotations.models import HandOver, HandOverPerson, PassedOn
from apps.rotations.services.cycle_runs import people_on
from apps.rotations.services.handovers import AGAIN, locked, told
from apps.trail import services as trail

logger = logging.getLogger(__name__)

LONGEST_NOTE = 5_000
# What could not be settled is tried again first; then it is told of.
SOON = timedelta(minutes=15)
Side = HandOverPerson.Side


@dataclass(frozen=True)
class Chosen:
    """What somebody wants of an item: whose it becomes, None: it stays; its note, which was `seen` so before.

    `owner` is the email of whose they saw it to be, empty for nobody's; None: whosever it is.
    """

    provider: str
    item: str
    to: Agent | None = None
    note: str = ""
    seen: str = ""
    owner: str | None = None


def pass_on(handover: HandOver, chosen: Chosen, *, by: Agent | None, now: datetime) -> bool:
    """The item is as chosen; whether anything changed.

    Raises NotPassedOn for what is not open any more, is another's by now, or whose provider fails; ContextChanged when
    its note is not as it was seen.
    """
    try:
        return _pass_on(handover, chosen, by=by, now=now)
    except RotationError:
        raise
    except Exception as error:
        logger.exception("%s %s was not passed on", chosen.provider, chosen.item)
        raise NotPassedOn(f"{chosen.provider} failed, and nothing changed. The portal's log says why.") from error


@transaction.atomic
def _pass_on(handover: HandOver, chosen: Chosen, *, by: Agent | None, now: datetime) -> bool:
    row = locked(handover)
    provider = providers().get(chosen.provider)
    found = [item for item in provider.open_items(row.rotation.team) if item.id == chosen.item] if provider else []
    if provider is None or not found:
        raise NotPassedOn("It is not open any more: somebody finished it meanwhile.")
    [item] = found
    note = _tidy(chosen.note)
    kept = _kept(row, chosen.provider, item)
    noted = note != _tidy(chosen.seen) and note != kept.note
    if noted and kept.note != _tidy(chosen.seen):
        raise ContextChanged(f"Somebody noted something of {item.title} meanwhile: “{kept.note}”. Put both together.")
    if noted:
        kept.note = note
    if chosen.to is None or chosen.to.email == item.owner_email:
        if noted:
            kept.save()
            noticed = ItemNoted(**_told(row), **_of(chosen.provider, item), note=note)
            trail.record(noticed, about=_about(row, item), now=now)
        return noted
    if chosen.owner is not None and chosen.owner != item.owner_email:
        raise NotPassedOn(f"{item.title} is {item.owner or 'nobody'}'s by now: somebody passed it on before you.")
    provider.reassign(item, chosen.to, by, now)
    kept.before, kept.to, kept.at, kept.left = item.owner[:200], chosen.to, now, False
    kept.save()
    event = ItemPassedOn(
        **_told(row),
        **_of(chosen.provider, item),
        before=item.owner,
        to=str(chosen.to),
        email=chosen.to.email,
        note=kept.note,
    )
    trail.record(event, about=_about(row, item), now=now)
    return True


def settle(handover: HandOver, *, now: datetime) -> bool:
    """Once people have changed what is left goes to the incoming lead, item by item; whether all of it has.

    Not when it is confirmed: until the change those who go are on duty, and more may come. Safe to run again, and by
    several at once: each item is its own transaction. What could not be read, or given, is tried again next time, as is
    all when there is nobody to give it to.
    """
    [handover] = with_people(HandOver.objects.filter(pk=handover.pk))
    if handover.settled_at:
        return True
    if not handover.closed_at or now < handover.changes_at:
        return False
    read = sections(handover.rotation.team)
    whole = not any(section.problem for section in read)
    left = [(section, item) for section in read for item in section.items if needs_somebody(handover, item)]
    lead = lead_of(handover, now)
    if now >= handover.changes_at + STILL:
        # After a long outage others are on, or the same again.
        lead = lead_on_duty(handover.rotation, now) or lead
        here = {each["email"] for each in people_on(handover.rotation, now)}
        left = [(section, item) for section, item in left if item.owner_email not in here]
    if left and lead is None:
        return False
    for section, item in left:
        assert lead is not None
        try:
            _leave(handover, section.name, item, lead, now=now)
        except NotPassedOn:
            # Finished in this very moment.
            continue
        except Exception:
            logger.exception("%s of %s was not given to the lead", item.title, handover)
            whole = False
    return whole and _settled(handover, lead, now=now)


@transaction.atomic
def tell_unsettled(handover: HandOver, *, now: datetime) -> bool:
    """Whoever can mend it hears why what nobody took is with nobody yet, once a day at most; whether they did now."""
    row = locked(handover)
    told_at = row.nagged_at if row.nagged_at and row.nagged_at >= row.changes_at else None
    if row.settled_at or now < (told_at + AGAIN if told_at else row.changes_at + SOON):
        return False
    read = sections(row.rotation.team)
    because = [section.problem for section in read if section.problem]
    [seated] = with_people(HandOver.objects.filter(pk=row.pk))
    left = [item.title for section in read for item in section.items if needs_somebody(seated, item)]
    if left and lead_of(seated, now) is None:
        because.append(f"Nobody is on duty in {row.rotation} who could take it.")
    HandOver.objects.filter(pk=row.pk).update(nagged_at=now)
    event = HandOverUnsettled(
        **_told(row), because=because or ["The portal's log says why."], left=left, channel=row.channel_id_in_slack
    )
    trail.record(event, about=row.streams, now=now)
    return True


def lead_of(handover: HandOver, now: datetime) -> Agent | None:
    """Who gets what nobody took: the incoming lead, else who leads now, else the first of those who come."""
    coming = [row for row in on_side(handover, Side.INCOMING) if row.agent.is_active]
    signing = next((row.agent for row in coming if row.signs), None)
    return signing or lead_on_duty(handover.rotation, now) or next((row.agent for row in coming), None)


@transaction.atomic
def _leave(handover: HandOver, provider: str, item: Item, lead: Agent, *, now: datetime) -> None:
    row = locked(handover)
    kept = _kept(row, provider, item)
    # Since it was read somebody may have given it to somebody, or finished it.
    now_open = {one.id: one.owner_email for one in providers()[provider].open_items(row.rotation.team)}
    if row.settled_at or now_open.get(item.id) != item.owner_email:
        return
    providers()[provider].reassign(item, lead, None, now)
    kept.before, kept.to, kept.at, kept.left = item.owner[:200], lead, now, True
    kept.save()
    event = LeftToTheLead(**_told(row), **_of(provider, item), before=item.owner, to=str(lead), email=lead.email)
    trail.record(event, about=_about(row, item), now=now)


@transaction.atomic
def _settled(handover: HandOver, lead: Agent | None, *, now: datetime) -> bool:
    row = locked(handover)
    if row.settled_at:
        return True
    HandOver.objects.filter(pk=row.pk).update(settled_at=now)
    left = list(row.items.filter(left=True).select_related("to"))
    event = HandOverSettled(
        **_told(row),
        lead=str(lead) if lead and left else "",
        slack_id=(lead.slack_id or "") if lead and left else "",
        channel=row.channel_id_in_slack,
        left=[{"title": one.title, "url": one.url, "before": one.before, "note": one.note} for one in left],
    )
    trail.record(event, about=row.streams, now=now)
    return True


def _kept(row: HandOver, provider: str, item: Item) -> PassedOn:
    known = PassedOn.objects.filter(handover=row, provider=provider, item=item.id).first()
    kept = known or PassedOn(handover=row, provider=provider, item=item.id)
    kept.title, kept.url = item.title[:300], item.url[:300]
    return kept


def _tidy(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()[:LONGEST_NOTE]


def _told(row: HandOver) -> dict[str, Any]:
    said = told(row)
    del said["kind"]
    return said


def _of(provider: str, item: Item) -> dict[str, Any]:
    return {"provider": provider, "item": item.id, "title": item.title}


def _about(row: HandOver, item: Item) -> list[str]:
    return [*row.streams, *([item.stream] if item.stream else [])]
