"""The only writers of pages. Climbing is the engine's: it hears these events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from apps.incidents.selectors import named_in
from apps.pages import rights
from apps.pages.errors import AlreadyAcknowledged, BadPage, NobodyToAsk, NotOpen, NotYours
from apps.pages.events import (
    HelpAsked,
    PageAcknowledged,
    PageHandedOver,
    PageOpened,
    PagePassedOn,
    PageResolved,
)
from apps.pages.models import Page, Paged
from apps.people.acting import LONGEST_NAME, Acting
from apps.people.models import Agent, Team
from apps.rotations.on_duty import OnDuty, on_duty
from apps.trail import services as trail

LONGEST_MESSAGE, LONGEST_SUBJECT, LONGEST_KEY = 10_000, 200, 255
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
State = Page.State


@transaction.atomic
def open_page(
    *,
    team: Team,
    message: str,
    origin: str,
    by: str,
    now: datetime,
    subject: str = "",
    urgency: str = Page.Urgency.HIGH,
    key: str = "",
) -> tuple[Page, bool]:
    """A page to the team, and whether this call opened it: what came by the same `key` before changes nothing.

    Raises BadPage. A team without anybody on duty, or without a rotation, is no reason to refuse: the lead or the
    channel hears, and it says so.
    """
    message, subject = _clean(message).strip(), " ".join(_clean(subject).split())
    if not message and subject:
        message = subject
    if not message:
        raise BadPage("message", "Say what is wrong, and what you need.")
    if len(message) > LONGEST_MESSAGE:
        raise BadPage("message", f"A message has at most {LONGEST_MESSAGE:,} characters.")
    if urgency not in Page.Urgency.values:
        raise BadPage("urgency", f"The urgency is high or low, not “{urgency[:40]}”.")
    fields = {
        "team": team,
        "message": message,
        "subject": subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…",
        "urgency": urgency,
        "origin": origin,
        "opened_at": now,
        "opened_by": by[:LONGEST_NAME],
        "incident": named_in(f"{subject}\n{message}"),
    }
    if key:
        page, fresh = Page.objects.get_or_create(key=key[:LONGEST_KEY], defaults=fields)
    else:
        page, fresh = Page.objects.create(**fields), True
    if fresh:
        event = PageOpened(
            page=page.pk,
            team=team.slug,
            team_name=team.name,
            title=page.title,
            message=page.message,
            urgency=page.urgency,
            origin=origin,
            by=page.opened_by,
        )
        trail.record(event, about=page.streams, now=now)
    return page, fresh


@transaction.atomic
def acknowledge(page: Page, *, by: Acting, now: datetime) -> None:
    """`by` takes the page; it climbs no further.

    Raises NotYours, or AlreadyAcknowledged when somebody was quicker or it is over: the message says who.
    """
    _must_be_allowed(page, by, now)
    taken = Page.objects.filter(pk=page.pk, state=State.OPEN).update(
        state=State.ACKNOWLEDGED, owner=by.agent, acknowledged_at=now, acknowledged_by=by.label
    )
    page.refresh_from_db()
    if not taken:
        raise AlreadyAcknowledged(_already(page, by))
    trail.record(_acknowledged(page, by), about=page.streams, now=now)


@transaction.atomic
def resolve(page: Page, *, by: Acting, now: datetime) -> None:
    """What the page called for is done; whoever resolves an open page has acknowledged it by that.

    Raises NotYours, or NotOpen when it is resolved already.
    """
    _must_be_allowed(page, by, now)
    locked = _locked(page)
    if locked.state == State.RESOLVED:
        page.refresh_from_db()
        raise NotOpen(f"{page} was resolved by {page.resolved_by or 'somebody'} already.")
    if locked.state == State.OPEN:
        acknowledge(page, by=by, now=now)
    Page.objects.filter(pk=page.pk).update(state=State.RESOLVED, resolved_at=now, resolved_by=by.label)
    page.refresh_from_db()
    event = PageResolved(page=page.pk, team=page.team.slug, title=page.title, by=by.label, email=by.email)
    trail.record(event, about=page.streams, now=now)


@transaction.atomic
def pass_on(page: Page, *, by: Acting, now: datetime) -> None:
    """Not theirs: the next step speaks at once. Raises NotYours, or NotOpen when it does not climb any more."""
    _must_be_allowed(page, by, now)
    if _locked(page).state != State.OPEN:
        page.refresh_from_db()
        raise NotOpen(f"{_state(page)}, so it does not climb any more.")
    event = PagePassedOn(page=page.pk, team=page.team.slug, title=page.title, by=by.label, email=by.email)
    trail.record(event, about=page.streams, now=now)


@transaction.atomic
def ask_to_join(page: Page, *, by: Acting, now: datetime) -> list[str]:
    """The next role on duty after the first is asked to join, and the page stays whose it is; who was asked, by name.

    An open page is acknowledged by that: whoever asks for help is at it. Raises NotYours, NotOpen when it is resolved,
    NobodyToAsk when nobody else is on duty.
    """
    _must_be_allowed(page, by, now)
    locked = _locked(page)
    if locked.state == State.RESOLVED:
        page.refresh_from_db()
        raise NotOpen(f"{page} was resolved by {page.resolved_by or 'somebody'} already.")
    role, people = _backup(page, but=by.agent or locked.owner, now=now)
    if locked.state == State.OPEN:
        acknowledge(page, by=by, now=now)
    event = HelpAsked(
        page=page.pk,
        team=page.team.slug,
        team_name=page.team.name,
        title=page.title,
        message=page.message,
        by=by.label,
        email=by.email,
        role=role,
        people=[
            {
                "name": str(each.agent),
                "email": each.agent.email,
                "slack_id": each.agent.slack_id or "",
                "because": each.because,
            }
            for each in people
        ],
    )
    note_paged(
        Paged(page=page, agent=each.agent, step=0, role=role, because=each.because[:300], at=now) for each in people
    )
    trail.record(event, about=page.streams, now=now)
    return [str(each.agent) for each in people]


@transaction.atomic
def hand_over(page: Page, *, to: Agent, by: Acting, was: str | None = None, now: datetime) -> None:
    """`to` owns the page from now on; an open one is acknowledged by that.

    `was`: the email of whose it was seen to be, empty for nobody who works here; None: whosever it is. Raises NotOpen
    when it is resolved, AlreadyAcknowledged when it is another's by now.
    """
    locked = _locked(page)
    if locked.state == State.RESOLVED:
        raise NotOpen(f"{page} is resolved, so there is nothing to hand over.")
    if locked.owner_id == to.pk:
        return
    before = str(locked.owner) if locked.owner else ""
    if was is not None and was != (locked.owner.email if locked.owner and locked.owner.is_active else ""):
        raise AlreadyAcknowledged(f"{page} is {before or 'nobody'}'s by now: somebody was quicker.")
    if locked.state == State.OPEN:
        _take(page, to, by, now)
    else:
        Page.objects.filter(pk=page.pk).update(owner=to)
        page.refresh_from_db()
    event = PageHandedOver(
        page=page.pk,
        team=page.team.slug,
        title=page.title,
        before=before,
        to=str(to),
        email=to.email,
        slack_id=to.slack_id or "",
        by=by.label,
    )
    trail.record(event, about=page.streams, now=now)


def note_paged(rows: Iterable[Paged]) -> None:
    """These people were told, in one statement; told by the same step twice is once."""
    Paged.objects.bulk_create(rows, ignore_conflicts=True)


def _take(page: Page, to: Agent, by: Acting, now: datetime) -> None:
    """`to` owns the open page; it was acknowledged by whoever handed it over, who may be nobody of those paged."""
    Page.objects.filter(pk=page.pk, state=State.OPEN).update(
        state=State.ACKNOWLEDGED, owner=to, acknowledged_at=now, acknowledged_by=by.label
    )
    page.refresh_from_db()
    trail.record(_acknowledged(page, by), about=page.streams, now=now)


def _acknowledged(page: Page, by: Acting) -> PageAcknowledged:
    return PageAcknowledged(
        page=page.pk,
        team=page.team.slug,
        title=page.title,
        by=by.label,
        email=by.email,
        opened_at=page.opened_at,
    )


def _backup(page: Page, *, but: Agent | None, now: datetime) -> tuple[str, list[OnDuty]]:
    """(role, people) of the first role after the first that has somebody else than `but`."""
    there = on_duty(page.team, at=now)
    first = there[0].role if there else ""
    roles: dict[str, list[OnDuty]] = {}
    for each in there:
        if each.agent == but:
            continue
        roles.setdefault(each.role, []).append(each)
    # Whoever is first may be asked as well, but last: by whoever else took the page.
    for role in sorted(roles, key=lambda role: role == first):
        return role, roles[role]
    raise NobodyToAsk(f"Nobody else is on duty for {page.team} now, so there is nobody to ask.")


def _locked(page: Page) -> Page:
    # Read once it is held: who waits in one statement gets the new page with the old owner beside it.
    Page.objects.select_for_update(no_key=True).only("pk").get(pk=page.pk)
    return Page.objects.select_related("owner").get(pk=page.pk)


def _must_be_allowed(page: Page, by: Acting, now: datetime) -> None:
    # An integration's key was asked for its scope at the door.
    if by.agent is not None and not rights.may_act(by.agent, page, now=now):
        raise NotYours(
            f"{page} is for those who were paged, the lead of {page.team} and support managers; you are none of them."
        )


def _already(page: Page, by: Acting) -> str:
    if page.state == State.RESOLVED:
        return f"{page} was resolved by {page.resolved_by or 'somebody'} already."
    if by.agent is not None and page.owner_id == by.agent.pk:
        return f"{page} is yours already."
    return f"{page} was acknowledged by {page.acknowledged_by or 'somebody'} before you."


def _state(page: Page) -> str:
    if page.state == State.RESOLVED:
        return f"{page} was resolved by {page.resolved_by or 'somebody'}"
    return f"{page} was acknowledged by {page.acknowledged_by or 'somebody'}"


def _clean(text: str) -> str:
    """`text` without what PostgreSQL cannot hold."""
    return _UNSTORABLE.sub("", text)
