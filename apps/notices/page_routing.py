"""Which messages a page makes, and where each goes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.escalations.page_events import PageStepReached, PageWentUnheard
from apps.integrations.slack import messages, page_messages
from apps.integrations.slack.page_messages import Shown
from apps.integrations.slack.text import channel_link, escape, link, mention, user_group_mention
from apps.notices.routing import MESSAGE, Owed, usable
from apps.pages.events import HelpAsked, PageHandedOver
from apps.sla.messages import fill

NOWHERE = (
    "Nowhere to send it: nobody is on duty, the team has no Slack channel, and SLACK_DEFAULT_CHANNEL is not set to a "
    "channel's id."
)
# A person's own links to acknowledge, by email.
Takes = Mapping[str, str]


def for_opened(shown: Shown, *, channel: str) -> list[Owed]:
    """The team's channel sees every page; its message follows the page's state."""
    return [_owed(shown, channel, "sent")] if channel else []


def for_step(
    event: PageStepReached, shown: Shown, *, takes: Takes, channel: str, default_channel: str = ""
) -> list[Owed]:
    """Everybody the step means, in person; a channel or a user group where the step means one."""
    notes = "".join(f"\n:information_source: {escape(note)}" for note in event.notes)
    words = f"{fill(event.words, _words(event, shown))}\n" if event.words.strip() else ""
    rest = f"{_next(event, shown)}{notes}"
    owed = []
    for person in event.people:
        if not person.get("slack_id"):
            continue
        lead = f"{words}{mention(person['slack_id'])}, you are told because you are {_because(person)}{rest}"
        owed.append(
            _owed(shown, person["slack_id"], f"step {event.step}", lead=lead, take=takes.get(person["email"], ""))
        )
    for place in event.channels:
        owed.append(
            _owed(shown, place, f"step {event.step}", lead=f"{words}{channel_link(place)}{_next(event, shown)}{notes}")
        )
    groups = [user_group_mention(name) if messages.ID.fullmatch(name) else escape(name) for name in event.mentions]
    place = channel or usable(default_channel)
    if groups and place:
        owed.append(
            _owed(shown, place, f"step {event.step}", lead=f"{words}{', '.join(groups)}{_next(event, shown)}{notes}")
        )
    return owed


def for_unheard(event: PageWentUnheard, shown: Shown, *, default_channel: str = "") -> list[Owed]:
    """The team's channel, else the default channel. Never empty: where nothing can be sent, the one notice says so."""
    place = event.channel or usable(default_channel)
    reasons = " ".join(escape(f"{reason[:1].upper()}{reason[1:]}") for reason in event.because)
    where = "" if event.channel else f"\n{escape(event.team_name)} has no channel of its own."
    lead = (
        f"<!channel> *Nobody of {escape(event.team_name)} could be told.* {reasons} Whoever can, please take it.{where}"
    )
    owed = _owed(shown, place or "nobody", "nobody could be told", lead=lead)
    if place:
        return [owed]
    return [
        Owed(
            recipient="nobody",
            kind=MESSAGE,
            about=owed.about,
            summary=owed.summary,
            channel="",
            text=owed.text,
            blocks=owed.blocks,
            error=NOWHERE,
        )
    ]


def for_help(event: HelpAsked, shown: Shown) -> list[Owed]:
    """Those who are asked to join, in person."""
    return [
        _owed(
            shown,
            person["slack_id"],
            "asked to join",
            lead=f"{mention(person['slack_id'])}, {escape(event.by)} asks you to join. The page stays theirs; you are "
            f"asked because you are {_because(person)}.",
        )
        for person in event.people
        if person.get("slack_id")
    ]


def for_handed_over(event: PageHandedOver, shown: Shown) -> list[Owed]:
    """Whoever owns the page from now on, in person."""
    if not event.slack_id:
        return []
    source = f" from {escape(event.before)}" if event.before else ""
    lead = f"{mention(event.slack_id)}, {escape(event.by)} handed this page over to you{source}: it is yours now."
    return [_owed(shown, event.slack_id, "handed over", lead=lead)]


def _owed(shown: Shown, channel: str, what: str, *, lead: str = "", take: str = "") -> Owed:
    text, blocks = page_messages.message(shown, lead=lead, take=take)
    return Owed(
        recipient=channel,
        kind=MESSAGE,
        about=f"page:{shown.number}",
        summary=page_messages.summary(shown, what),
        channel=channel,
        text=text,
        blocks=blocks,
    )


def _words(event: PageStepReached, shown: Shown) -> dict[str, str]:
    people = ", ".join(
        mention(person["slack_id"]) if person.get("slack_id") else escape(str(person["name"]))
        for person in event.people
    )
    return {
        "people": people,
        "ticket": link(shown.url, f"Page {shown.number}"),
        "subject": escape(shown.title),
        "severity": escape(event.urgency),
        "type": "page",
        "policy": escape(event.policy),
        "promise": "acknowledgement",
        "tier": str(event.step),
        "waiting": messages.waited(event.check_due_at - event.opened_at),
        "next": escape(event.next_step["role"]) if event.next_step else "nobody further",
    }


def _because(person: Mapping[str, Any]) -> str:
    return escape(str(person.get("because", "")).removeprefix("is "))


def _next(event: PageStepReached, shown: Shown) -> str:
    if shown.state != "open":
        return "."
    if event.next_step is None:
        return ". Nobody further is told."
    return (
        f". Unless somebody acknowledges, step {event.next_step['step']} ({escape(event.next_step['role'])}) is next."
    )
