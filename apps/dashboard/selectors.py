"""What the home page shows: at a glance, for this viewer, at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse

from apps.dashboard import health
from apps.dashboard.open_incidents import open_incidents_for
from apps.dashboard.open_pages import open_pages
from apps.dashboard.yours import yours
from apps.escalations.models import Beat, Clock
from apps.incidents.rights import may_see as may_see_incidents
from apps.integrations.github.configured import what_is_wrong as github_is_wrong
from apps.integrations.helpdesk.configured import what_is_wrong
from apps.integrations.slack.duty import called
from apps.integrations.slack.following import NOBODY
from apps.integrations.slack.gateway import configured
from apps.integrations.slack.models import Followed
from apps.integrations.slack.selectors import incidents_channel
from apps.notices import selectors as notices
from apps.notices.models import Notice
from apps.notices.routing import usable
from apps.people.models import Agent, Channel, Team
from apps.rfhs.models import Issue, TrackedRepository
from apps.rfhs.states import OVER
from apps.rotations import selectors as rotations
from apps.rotations.models import Calendar, Rotation
from apps.rotations.schedules import Current, on_call
from apps.tickets.models import ReplySourceHealth, Ticket
from apps.trail.seals import selectors as seals

SHOWN = 10
SOON = timedelta(minutes=15)


@dataclass(frozen=True)
class Promises:
    """Running promises: those that fall due next, and those that are breached, longest first."""

    next: list[Clock]
    breached: list[Clock]
    soon_count: int
    breached_count: int
    any_ticket: bool


@dataclass(frozen=True)
class OnShift:
    """Somebody who is on shift, what all their shifts say together, and when the last of them ends."""

    agent: Agent
    doing: str
    ends_at: datetime | None


@dataclass(frozen=True)
class Shifts:
    """Who is on shift, a line a person, and when somebody comes if nobody is."""

    support: list[OnShift]
    embedded: list[OnShift]
    coming: rotations.OnShift | None


@dataclass(frozen=True)
class Outbox:
    """What waits to be sent, and what only a person can help."""

    state: notices.Health
    worst: Notice | None

    @property
    def waiting(self) -> int:
        return self.state.waiting + self.state.unsure

    @property
    def failed(self) -> int:
        return self.state.failed


def glance(user: Agent, *, now: datetime) -> dict[str, Any]:
    """What `user` may see of how things stand, in a constant number of queries; None where they may not look."""
    sees_outbox = user.has_perm("notices.view_notice")
    sees_shifts, sees_duties = (user.has_perm(f"rotations.view_{name}") for name in ("shift", "rotation"))
    duties = on_call(now) if sees_shifts or sees_duties else {}
    box = outbox()
    return {
        "promises": promises(now=now) if user.has_perm("tickets.view_ticket") else None,
        "yours": yours(user, duties, now=now),
        "pages": open_pages(now=now) if user.has_perm("pages.view_page") else None,
        "shifts": shifts(duties, now=now) if sees_shifts else None,
        "duties": sorted(duties.items(), key=lambda pair: pair[0].name) if sees_duties else None,
        "outbox": box if sees_outbox else None,
        "parts": [
            *parts(box, sees_outbox=sees_outbox, now=now),
            github(sees_requests=user.has_perm("rfhs.view_rfh"), now=now),
            *calendars(sees_them=user.has_perm("rotations.view_calendar"), now=now),
            *duty_in_slack(sees_rotations=sees_duties, now=now),
            *incidents_in_slack(now=now),
            trail(sees_seals=user.has_perm("trail.view_seal"), now=now),
        ],
        "incidents": open_incidents_for(user) if may_see_incidents(user) else None,
        "demo": settings.DEMO,
        "now": now,
        "may_open": user.has_perm("tickets.add_ticket"),
        "may_plan": user.has_perm("rotations.add_shift"),
        "slack_is_configured": box.state.configured,
    }


def promises(*, now: datetime) -> Promises:
    """Running promises, from the partial index on them alone."""
    of_tickets = Clock.objects.filter(state=Clock.State.RUNNING, ticket__isnull=False)
    running = of_tickets.select_related("ticket__customer", "ticket__plan")
    counts = of_tickets.aggregate(
        soon=Count("pk", filter=Q(due_at__gt=now, due_at__lte=now + SOON)),
        breached=Count("pk", filter=Q(due_at__lte=now)),
    )
    return Promises(
        next=list(running.filter(due_at__gt=now).order_by("due_at", "pk")[:SHOWN]),
        breached=list(running.filter(due_at__lte=now).order_by("due_at", "pk")[:SHOWN]),
        soon_count=counts["soon"],
        breached_count=counts["breached"],
        any_ticket=Ticket.objects.order_by().exists(),
    )


def shifts(duties: Mapping[Rotation, Sequence[Current]], *, now: datetime) -> Shifts:
    """Who is on shift at `now`, by a shift or in a support team's rotation; who is embedded as well is embedded."""
    current = sorted(rotations.on_shift(now), key=lambda shift: (shift.ends_at, shift.agent.first_name))
    elsewhere = {shift.agent.pk for shift in current if shift.embedded}
    lines = [OnShift(shift.agent, shift.what, shift.ends_at) for shift in current]
    lines += [
        OnShift(agent, f"{role.role} in {rotation}", role.end)
        for rotation, roles in duties.items()
        if rotation.team.kind == Team.Kind.SUPPORT
        for role in roles
        for agent in role.people
    ]
    return Shifts(
        support=_together(line for line in lines if line.agent.pk not in elsewhere),
        embedded=_together(line for line in lines if line.agent.pk in elsewhere),
        coming=rotations.next_on_shift(now),
    )


def _together(lines: Iterable[OnShift]) -> list[OnShift]:
    """One line a person, who leaves first first; shifts may overlap."""
    by_agent: dict[int, list[OnShift]] = {}
    for line in lines:
        by_agent.setdefault(line.agent.pk, []).append(line)
    together = [
        OnShift(
            agent=own[0].agent,
            doing=", ".join(dict.fromkeys(line.doing for line in own)),
            ends_at=max(own, key=_leaves).ends_at,
        )
        for own in by_agent.values()
    ]
    return sorted(together, key=_leaves)


def _leaves(line: OnShift) -> tuple[bool, float]:
    """For comparing: who stays for longer than a year leaves last."""
    return (line.ends_at is None, line.ends_at.timestamp() if line.ends_at else 0.0)


def outbox() -> Outbox:
    """How many messages wait or failed, and the newest failure."""
    state = notices.health()
    return Outbox(
        state=state,
        worst=Notice.objects.filter(state=Notice.State.FAILED).order_by("-created_at").first(),
    )


def trail(*, sees_seals: bool, now: datetime) -> health.Part:
    """Whether the trail is sealed, and as it was sealed."""
    found = seals.standing()
    # The sentence names an event, in its own words: for who may read it.
    tampered = found.outcome.sentence if found.outcome and sees_seals else "The trail was tampered with"
    return health.trail(
        tampered=tampered if found.tampered else "",
        verified_at=found.outcome.occurred_at if found.outcome else None,
        unsealed_since=found.unsealed_since,
        seals=reverse("admin:trail_seal_changelist") if sees_seals else "",
        now=now,
    )


def calendars(*, sees_them: bool, now: datetime) -> list[health.Part]:
    """Whether the calendars that are read are read; nothing where none is."""
    read = list(Calendar.objects.filter(enabled=True))
    if not read:
        return []
    stale = [calendar for calendar in read if calendar.is_stale(now)]
    failing = [calendar for calendar in read if calendar.failing_since]
    synced = [calendar.synced_at for calendar in read if calendar.synced_at]
    worst = min(stale, key=lambda calendar: calendar.synced_at or calendar.failing_since or now, default=None)
    return [
        health.calendars(
            worst=worst.name if worst else "",
            others=max(len(stale) - 1, 0),
            copy_of=worst.synced_at if worst else None,
            error=worst.error if worst else "",
            failing=len(failing),
            oldest=min(synced) if len(synced) == len(read) else None,
            link=reverse("admin:rotations_calendar_changelist") if sees_them else "",
        )
    ]


def github(*, sees_requests: bool, now: datetime) -> health.Part:
    """Whether requests for help get their issues."""
    trackers = [name for name in (settings.RFH_PRIVATE_TRACKER, settings.RFH_PUBLIC_TRACKER) if name]
    rows = list(TrackedRepository.objects.filter(name__in=trackers))
    failing = min((row for row in rows if row.failing_since), key=lambda row: row.failing_since or now, default=None)
    lacking = list(
        Issue.objects.filter(making__in=[Issue.Making.WANTED, Issue.Making.FAILED])
        .exclude(rfh__state__in=OVER)
        .values_list("making", "rfh")
        .order_by("pk")
    )
    failed = [rfh for making, rfh in lacking if making == Issue.Making.FAILED]
    return health.github(
        configured=bool(settings.GITHUB_TOKEN),
        wrong=github_is_wrong(),
        waiting=len(lacking) - len(failed),
        failed=len(failed),
        error=failing.error if failing else "",
        failing_since=failing.failing_since if failing else None,
        answered_at=max((row.answered_at for row in rows if row.answered_at), default=None),
        paused_until=max((row.paused_until for row in rows if row.paused_until), default=None),
        link=reverse("admin:rfhs_rfh_change", args=[failed[0]]) if failed and sees_requests else "",
        now=now,
    )


def duty_in_slack(*, sees_rotations: bool, now: datetime) -> list[health.Part]:
    """Whether topics and user groups show who is on duty; nothing where none is to, or Slack is not connected."""
    # The topic of incidents is no rotation's, and has a line of its own.
    rows = list(Followed.objects.exclude(place=incidents_channel())) if configured() else []
    if not rows:
        return []
    failing = [
        row
        for row in rows
        if row.failing_since
        and row.failing_since <= now - (health.NOBODY_ON if row.error == NOBODY else health.NOT_TOLD)
    ]
    worst = min(failing, key=lambda row: row.failing_since or now, default=None)
    return [
        health.duty_in_slack(
            places=len(rows),
            failing=sum(1 for row in rows if row.failing_since),
            worst=called(worst) if worst else "",
            others=max(len(failing) - 1, 0),
            error=worst.error if worst else "",
            since=worst.failing_since if worst else None,
            link=reverse("admin:rotations_rotation_changelist") if sees_rotations else "",
        )
    ]


def incidents_in_slack(*, now: datetime) -> list[health.Part]:
    """Whether the channel of all incidents can be told; nothing where none is set, or Slack is not connected."""
    if not (configured() and settings.INCIDENTS_CHANNEL):
        return []
    place = usable(incidents_channel())
    row = Followed.objects.filter(place=place, failing_since__lte=now - health.NOT_TOLD).first() if place else None
    return [
        health.incidents_in_slack(
            setting=settings.INCIDENTS_CHANNEL,
            place=place,
            called=str(Channel.objects.filter(slack_id=place).first() or place),
            error=row.error if row else "",
            since=row.failing_since if row else None,
        )
    ]


def parts(box: Outbox, *, sees_outbox: bool, now: datetime) -> list[health.Part]:
    """Worker, Slack and help desk, each with what to do when it is not well."""
    beat = Beat.objects.filter(name="worker").first()
    source = ReplySourceHealth.objects.order_by("-failing_since", "-answered_at").first()
    return [
        health.worker(beat.at if beat else None, now=now),
        health.slack(
            configured=box.state.configured,
            waiting=box.waiting,
            needs_somebody=bool(box.failed or box.state.paused_until),
            says=box.state.sentence,
            since=box.state.oldest_waiting if box.state.paused_until else None,
            unreachable_since=box.state.unreachable_since,
            unsure_since=box.state.unsure_since,
            now=now,
            outbox=f"{reverse('admin:index')}notices/notice/?state__exact=failed" if sees_outbox else "",
            demo=settings.DEMO,
        ),
        health.help_desk(
            kind=settings.HELPDESK,
            failing_since=source.failing_since if source else None,
            answered_at=source.answered_at if source else None,
            error=source.error if source else "",
            wrong=what_is_wrong(),
        ),
    ]
