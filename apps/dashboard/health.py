"""Whether the parts the portal depends on are well, and what to do when one is not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# The sweep runs every minute, so a worker that was silent for two has missed one.
SILENT = timedelta(minutes=2)
# Slack is away for moments at times, and what waits goes out by itself; longer than this somebody should know.
AWAY = timedelta(minutes=1)
# Events are sealed within seconds; a long import may hold that up for a while.
UNSEALED = timedelta(minutes=5)
# What Slack says of who is on duty is tried again each minute; and a night or a weekend with nobody on is no fault.
NOT_TOLD, NOBODY_ON = timedelta(minutes=15), timedelta(days=3)
# It is asked every five minutes, and once may be a moment's trouble.
UNREAD = timedelta(minutes=6)

WELL, UNTRIED, OFF, ILL = "well", "untried", "off", "ill"
ICONS = {WELL: "check_circle", UNTRIED: "pending", OFF: "radio_button_unchecked", ILL: "error"}
WORDS = {WELL: "Well", UNTRIED: "Not asked yet", OFF: "Not connected", ILL: "Needs you"}
STYLES = {WELL: "portal-good", UNTRIED: "", OFF: "", ILL: "portal-bad"}


@dataclass(frozen=True)
class Part:
    """One part: how it is, since when, and what to do about it (empty when nothing)."""

    name: str
    state: str
    says: str
    since: datetime | None = None
    do: str = ""
    link: str = ""

    @property
    def icon(self) -> str:
        return ICONS[self.state]

    @property
    def word(self) -> str:
        return WORDS[self.state]

    @property
    def style(self) -> str:
        return STYLES[self.state]


def worker(beat: datetime | None, *, now: datetime) -> Part:
    """The worker, from its last sign of life."""
    if beat is not None and now - beat <= SILENT:
        return Part("Worker", WELL, "It works: checks are reached and messages sent as they fall due.")
    do = "Start it with manage.py worker (make run does so); until then nobody is told anything."
    if beat is None:
        return Part("Worker", ILL, "It has never been seen.", do=do)
    return Part("Worker", ILL, "Last seen", since=beat, do=do)


def slack(
    *,
    configured: bool,
    waiting: int,
    needs_somebody: bool,
    says: str,
    since: datetime | None,
    unreachable_since: datetime | None,
    unsure_since: datetime | None,
    outbox: str,
    demo: bool,
    now: datetime,
) -> Part:
    """Slack, from what the outbox `says`; `outbox` is where one may look (empty: one may not).

    For a minute Slack may be away, or owe an answer, before somebody is needed.
    """
    if not configured:
        kept = f"{waiting} message{'' if waiting == 1 else 's'} kept until then. " if waiting else ""
        look = "The Slack preview shows what would be said." if demo else ""
        return Part(
            "Slack",
            OFF,
            f"No token is set, so nothing is sent. {kept}{look}".strip(),
            do="Set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET; README walks through it.",
        )
    if unreachable_since is not None:
        if now - unreachable_since < AWAY:
            return Part("Slack", WELL, "It is tried again and again; not reachable since", since=unreachable_since)
        return Part(
            "Slack",
            ILL,
            f"{waiting} message{'' if waiting == 1 else 's'} waiting. Slack has not been reachable since",
            since=unreachable_since,
            do="Look at this machine's way to Slack: its network, a proxy, SLACK_API_URL. "
            "What waits goes out by itself once Slack is back.",
        )
    if needs_somebody:
        waits = f"{says} The oldest waits since" if since else says
        do = "Open the outbox: it says what to mend, and sends again."
        return Part("Slack", ILL, waits, since=since, do=do, link=outbox)
    if unsure_since is not None and now - unsure_since >= AWAY:
        return Part(
            "Slack",
            ILL,
            f"{says} No clear answer since",
            since=unsure_since,
            do="Look at status.slack.com. Until Slack answers, these channels wait, lest something is said twice.",
        )
    return Part("Slack", WELL, says)


def trail(
    *, tampered: str, verified_at: datetime | None, unsealed_since: datetime | None, seals: str, now: datetime
) -> Part:
    """The trail, from what was found last and what waits to be sealed; `seals` is where one may look (or empty)."""
    if tampered:
        do = "Keep a copy of the database as it is, and run manage.py verify_trail: it names every event that differs."
        return Part("Trail", ILL, tampered, do=do, link=seals)
    if unsealed_since is not None and now - unsealed_since > UNSEALED:
        return Part(
            "Trail",
            ILL,
            "Events wait to be sealed since",
            since=unsealed_since,
            do="The worker seals: see that it runs, and that no transaction has been open on the server for so long.",
            link=seals,
        )
    if verified_at is None:
        return Part("Trail", UNTRIED, "It is sealed as it grows, and verified once a day.")
    return Part("Trail", WELL, "It is sealed as it grows; nothing was changed, as was verified", since=verified_at)


def help_desk(
    *,
    kind: str,
    failing_since: datetime | None,
    answered_at: datetime | None,
    error: str,
    wrong: Sequence[str] = (),
) -> Part:
    """The help desk, from what is `wrong` with its settings and from when it was last asked."""
    if not kind:
        return Part(
            "Help desk",
            OFF,
            "None is asked: only replies that are recorded here stop a promise.",
            do="Set HELPDESK and HELPDESK_URL, or have the help desk call POST /helpdesk/events.",
        )
    if wrong:
        return Part(
            "Help desk",
            ILL,
            "It cannot be asked as it is set up: tiers go out all the same and say so.",
            do=f"Set these, and start anew. {' '.join(wrong)}",
        )
    name = {"zendesk": "Zendesk", "freshdesk": "Freshdesk"}.get(kind, "It")
    if failing_since is not None:
        return Part(
            "Help desk",
            ILL,
            f"{error or f'{name} could not be asked.'} Unknown since",
            since=failing_since,
            do="Tiers go out all the same and say so. Check HELPDESK_URL, HELPDESK_USER and HELPDESK_TOKEN.",
        )
    if answered_at is None:
        return Part("Help desk", UNTRIED, f"{name} is set up, and is asked when the first check falls due.")
    return Part("Help desk", WELL, f"{name} answered", since=answered_at)


def github(
    *,
    configured: bool,
    wrong: Sequence[str],
    waiting: int,
    failed: int,
    error: str,
    failing_since: datetime | None,
    answered_at: datetime | None,
    paused_until: datetime | None,
    link: str,
    now: datetime,
) -> Part:
    """GitHub, from how it last answered and from the issues that `waiting` for it or `failed`; `link` shows one."""
    waits = f" {waiting} request{' waits' if waiting == 1 else 's wait'} for an issue." if waiting else ""
    if wrong:
        says = f"It cannot be asked as it is set up.{waits}"
        return Part("GitHub", ILL, says, do=f"Set these, and start anew. {' '.join(wrong)}")
    if not configured:
        says = f"None is set up, so requests for help have no issues.{waits}"
        return Part(
            "GitHub", OFF, says, do="Set GITHUB_TOKEN and RFH_PRIVATE_TRACKER; README says what the token needs."
        )
    if failing_since is not None and now - failing_since >= UNREAD:
        return Part(
            "GitHub",
            ILL,
            f"{error}{waits} So it has been since",
            since=failing_since,
            do="Teams hear without a link meanwhile. Look at GITHUB_TOKEN, GITHUB_URL and githubstatus.com; what waits "
            "is made by itself.",
        )
    if failed:
        says = "One issue was not made." if failed == 1 else f"{failed} issues were not made."
        return Part("GitHub", ILL, says, do="Its request says what to mend, and tries again.", link=link)
    if failing_since is not None:
        return Part("GitHub", WELL, f"{error} It is tried again and again, since", since=failing_since)
    if paused_until is not None and paused_until > now:
        return Part("GitHub", WELL, f"It asked us to wait.{waits} It is asked again from", since=paused_until)
    if answered_at is None:
        return Part("GitHub", UNTRIED, "It is set up, and is asked with the first request that is filed.")
    return Part("GitHub", WELL, "GitHub answered", since=answered_at)


def calendars(
    *,
    worst: str,
    others: int,
    copy_of: datetime | None,
    error: str,
    failing: int,
    oldest: datetime | None,
    link: str,
) -> Part:
    """The calendars, from the one read longest ago (empty: each was within the hour) and how many fail now."""
    if worst:
        more = f" (and {others} more)" if others else ""
        reason = f" {error}" if error else ""
        do = (
            "Who is on shift may be wrong: look at the calendar's page, or enter shifts by hand until it is read again."
        )
        if copy_of is None:
            return Part("Calendars", ILL, f"“{worst}”{more} was never read.{reason}", do=do, link=link)
        return Part(
            "Calendars", ILL, f"“{worst}”{more} counts as it last was.{reason} Read", since=copy_of, do=do, link=link
        )
    if failing:
        says = "One is" if failing == 1 else f"{failing} are"
        return Part("Calendars", WELL, f"{says} not reached just now, and tried again every five minutes.", link=link)
    if oldest is None:
        return Part("Calendars", UNTRIED, "They are read within five minutes.", link=link)
    return Part("Calendars", WELL, "Read", since=oldest, link=link)


def duty_in_slack(
    *, places: int, failing: int, worst: str, others: int, error: str, since: datetime | None, link: str
) -> Part:
    """What Slack shows of who is on duty, from the place that has failed for longest (empty: none for long)."""
    if worst:
        more = f" (and {others} more)" if others else ""
        do = "Until then people read, and mention, who was on before. The rotation's page says more."
        says = f"{worst}{more} does not show who is on duty. {error} So it has been since"
        return Part("On call in Slack", ILL, says, since=since, do=do, link=link)
    well = places - failing
    shown = "One topic or user group follows" if well == 1 else f"{well} topics and user groups follow"
    more = (
        f" {failing} {'does' if failing == 1 else 'do'} not just now: the rotation's page says why." if failing else ""
    )
    return Part("On call in Slack", WELL, f"{shown} who is on duty.{more}")


def incidents_in_slack(*, setting: str, place: str, called: str, error: str, since: datetime | None) -> Part:
    """The channel of all incidents, which `setting` names: `place` is its id, empty where that is none."""
    if not place:
        says = f"INCIDENTS_CHANNEL is “{setting}”, and the portal knows no channel of that name."
        do = "Set it to the channel's id (in Slack: channel details, at the bottom); until then its topic says nothing."
        return Part("Incidents in Slack", ILL, says, do=do)
    if since:
        do = "Until then the topic says what was broken before. Incidents are told of in the channel all the same."
        return Part(
            "Incidents in Slack", ILL, f"The topic of {called} is not set. {error} So it has been since", since, do
        )
    return Part("Incidents in Slack", WELL, f"{called} hears of each, and its topic says what is broken.")
