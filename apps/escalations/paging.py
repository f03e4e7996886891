"""Pages on the engine: their clocks start, stop and climb. What a page is and who may act is pages' own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.escalations import climbing, clocks
from apps.escalations.audiences import Directory, Told, why_unheard
from apps.escalations.climbing import Rise
from apps.escalations.clocks import Running
from apps.escalations.models import Check, Clock
from apps.escalations.page_events import PageStepReached, PageStepSkipped, PageWentUnheard
from apps.pages import services as pages
from apps.pages.models import Page, Paged
from apps.sla import defaults
from apps.sla.audiences import Audience
from apps.sla.matching import Facts, PolicyRule, govern
from apps.sla.models import Policy
from apps.sla.selectors import rules
from apps.trail import services as trail


def start(page: Page, *, now: datetime) -> None:
    """The page climbs by its team's policy as it is now; without one, by the usual steps."""
    facts = Facts(plan="", severity=page.urgency, channel="", type="", team=page.team.slug)
    verdict = govern(rules(Policy.AppliesTo.PAGE), facts)
    policy: PolicyRule = verdict.policy if verdict.policy and verdict.promises else defaults.PAGES
    because = verdict.because if policy is verdict.policy else "No policy is for pages to this team: the usual steps."
    for promise in policy.promises:
        clocks.begin(
            page,
            promise,
            policy,
            [
                Check(
                    tier=rise.step,
                    round=rise.round,
                    after=rise.after,
                    due_at=rise.due_at,
                    audience_json=rise.audience.as_json(),
                    message=rise.message,
                )
                for rise in climbing.unfold(promise, team=page.team.slug, started_at=page.opened_at)
            ],
            because=because,
            started_at=page.opened_at,
            now=now,
        )


def stop(page: int, *, at: datetime, now: datetime) -> None:
    """Somebody acknowledged: the promise is met or missed, and nobody is told any more."""
    running = Clock.objects.select_for_update(of=("self",)).select_related("page__team").filter(Running, page=page)
    clocks.stop(list(running), at=at, now=now)


def next_at_once(page: int, *, because: str, now: datetime) -> None:
    """The next step speaks now; where every step has spoken, the team's channel hears."""
    running = list(
        Clock.objects.select_for_update(of=("self",)).select_related("page__team__channel").filter(Running, page=page)
    )
    for clock in running:
        waiting = list(clock.checks.filter(state=Check.State.WAITING))
        if not waiting:
            assert clock.page is not None
            trail.record_many([_unheard(clock, clock.page, 0, [because], None)], now=now)
            # Every member of the team may take it now.
            pages.note_paged([Paged(page=clock.page, agent=None, step=0, because=because[:300], at=now)])
            continue
        _write(climbing.at_once([_rise(check) for check in waiting], now), waiting)
        clocks.set_next([clock.pk], now=now)


@dataclass
class Climbing:
    """What the page clocks of one batch do; written at once, however many there are."""

    directory: Directory
    now: datetime
    happenings: list[trail.Happening] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    moved: list[Check] = field(default_factory=list)
    paged: list[Paged] = field(default_factory=list)

    def climb(self, clock: Clock, page: Page) -> None:
        """The clock's page takes its next step, as far as one is due."""
        checks = {check.pk: check for check in clock.checks.all()}
        waiting = [check for check in checks.values() if check.state == Check.State.WAITING]
        heard = {check.round for check in checks.values() if check.state == Check.State.REACHED}
        result = climbing.climb(
            [_rise(check) for check in waiting],
            heard=heard,
            is_there=lambda rise: not self.directory.resolve(rise.audience).unheard,
            now=self.now,
        )
        because = []
        for rise in result.skipped:
            reason = _missing(rise.audience, self.directory.resolve(rise.audience))
            because.append(f"{reason}.")
            self.skipped.append(rise.key)
            self._say(clock, page, _skipped(clock, page, rise, reason))
        if result.reached is not None:
            self._reach(clock, page, checks[result.reached.key], result.reached, result.ahead, because)
        if result.unheard:
            following = result.ahead[0].due_at if result.ahead else None
            self.happenings.append(_unheard(clock, page, result.unheard, because, following))
            self.paged.append(
                Paged(
                    page=page,
                    agent=None,
                    step=result.skipped[-1].step,
                    because="Nobody was on duty."[:300],
                    at=self.now,
                )
            )
        over = result.reached is not None and page.urgency == Page.Urgency.LOW
        if over:
            self.cancelled.extend(rise.key for rise in result.ahead)
        else:
            self.moved.extend(_changed(result.ahead, checks.values()))

    def write(self) -> None:
        """All of it, but the events."""
        waiting = Check.objects.filter(state=Check.State.WAITING)
        waiting.filter(pk__in=self.reached).update(state=Check.State.REACHED, settled_at=self.now)
        waiting.filter(pk__in=self.skipped).update(state=Check.State.SKIPPED, settled_at=self.now)
        waiting.filter(pk__in=self.cancelled).update(state=Check.State.CANCELLED, settled_at=self.now)
        if self.moved:
            Check.objects.bulk_update(self.moved, ["due_at"])
        pages.note_paged(self.paged)

    def _reach(
        self, clock: Clock, page: Page, check: Check, rise: Rise, ahead: Sequence[Rise], because: list[str]
    ) -> None:
        told = self.directory.resolve(rise.audience)
        low = page.urgency == Page.Urgency.LOW
        notes = [*because]
        if low:
            notes.append("The urgency is low, so nobody else is told.")
        following = ahead[0] if ahead and not low else None
        role = role_of(rise.audience)
        self.reached.append(rise.key)
        self.paged.extend(
            Paged(
                page=page,
                agent_id=person.agent,
                step=rise.step,
                role=role[:50],
                because=person.because[:300],
                at=self.now,
            )
            for person in told.people
        )
        event = PageStepReached(
            check=rise.key,
            clock=clock.pk,
            page=page.pk,
            team=page.team.slug,
            team_name=page.team.name,
            title=page.title,
            message=page.message,
            words=check.message,
            urgency=page.urgency,
            by=page.opened_by,
            policy=clock.policy_name,
            step=rise.step,
            round=rise.round,
            role=role,
            people=[person.as_json() for person in told.people],
            mentions=list(told.mentions),
            channels=list(told.channels),
            notes=notes,
            opened_at=page.opened_at,
            check_due_at=check.due_at,
            next_step={
                "step": following.step,
                "due_at": following.due_at.isoformat(),
                "role": role_of(following.audience),
            }
            if following
            else None,
        )
        self._say(clock, page, event)

    def _say(self, clock: Clock, page: Page, event: PageStepReached | PageStepSkipped) -> None:
        self.happenings.append(_happening(clock, page, event))


def claimed(due: Iterable[Clock]) -> dict[int, Page]:
    """The pages of these clocks, locked to the end of this transaction.

    Without those that somebody acts upon at this moment: whoever acknowledges holds the page and waits for the clock,
    so to wait for the page here would be a ring. The next batch meets them again.
    """
    keys = [clock.page_id for clock in due if clock.page_id]
    if not keys:
        return {}
    found = Page.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("team__channel")
    return {page.pk: page for page in found.filter(pk__in=keys)}


def role_of(audience: Audience) -> str:
    """What a step's audience is called: its role, else its label."""
    return audience.role or audience.label or audience.kind


def _missing(audience: Audience, told: Told) -> str:
    if told.people:
        names = ", ".join(person.name for person in told.people)
        return f"{names} is on as {role_of(audience)} and has no Slack id"
    if audience.role:
        return f"nobody is on as {audience.role}"
    return why_unheard(audience, told)


def _skipped(clock: Clock, page: Page, rise: Rise, reason: str) -> PageStepSkipped:
    return PageStepSkipped(
        check=rise.key,
        clock=clock.pk,
        page=page.pk,
        team=page.team.slug,
        step=rise.step,
        role=role_of(rise.audience),
        because=reason,
    )


def _unheard(clock: Clock, page: Page, which: int, because: Sequence[str], next_at: datetime | None) -> trail.Happening:
    event = PageWentUnheard(
        clock=clock.pk,
        page=page.pk,
        team=page.team.slug,
        team_name=page.team.name,
        title=page.title,
        message=page.message,
        by=page.opened_by,
        round=which,
        channel=page.team.channel.slack_id if page.team.channel else "",
        because=list(because),
        opened_at=page.opened_at,
        next_at=next_at,
    )
    return _happening(clock, page, event)


def _happening(clock: Clock, page: Page, event: PageStepReached | PageStepSkipped | PageWentUnheard) -> trail.Happening:
    return trail.Happening(event=event, about=page.streams, cause=clock.started_event, correlation=clock.correlation_id)


def _rise(check: Check) -> Rise:
    return Rise(
        step=check.tier,
        round=check.round,
        due_at=check.due_at,
        audience=check.audience,
        after=check.after,
        message=check.message,
        key=check.pk,
    )


def _changed(ahead: Iterable[Rise], checks: Iterable[Check]) -> list[Check]:
    """Those of the checks that have another instant now, with it."""
    known = {check.pk: check for check in checks}
    moved = []
    for rise in ahead:
        check = known[rise.key]
        if check.due_at != rise.due_at:
            check.due_at = rise.due_at
            moved.append(check)
    return moved


def _write(ahead: Iterable[Rise], checks: Iterable[Check]) -> None:
    moved = _changed(ahead, checks)
    if moved:
        Check.objects.bulk_update(moved, ["due_at"])
