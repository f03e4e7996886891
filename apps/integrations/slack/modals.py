"""The modals of promises and people, as Slack wants them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.integrations.slack.inputs import Block, Choice, View, field, modal, remark, select, text_input, user_picker
from apps.integrations.slack.text import escape, link

SETUP, SUPPORT_ENGINEER = "sla_setup", "add_support_engineer"
MOST_TIERS = 4


@dataclass(frozen=True)
class TierFields:
    """One tier as the modal shows it; `audience` is a Choice's value."""

    after: str = ""
    audience: str = ""
    message: str = ""


def setup(
    *, channel: str, within: str, tiers: Sequence[TierFields], choices: Sequence[Choice], remarks: Sequence[str]
) -> View:
    """The modal of /sla-setup: the promise, and up to four tiers. `remarks` are markup."""
    blocks: list[Block] = [remark(each) for each in remarks]
    blocks.append(
        field("within", "First response within", text_input(within), hint="Such as 50 min, 1 h 30 min or 2 days.")
    )
    for position in range(1, MOST_TIERS + 1):
        tier = tiers[position - 1] if position <= len(tiers) else TierFields()
        blocks += [
            {"type": "divider"},
            field(
                f"after_{position}",
                f"Tier {position}: no reply after",
                text_input(tier.after),
                optional=position > 1,
                hint="Empty: no such tier." if position > 1 else "Such as 10 min.",
            ),
            field(f"audience_{position}", "Tell", select(choices, tier.audience), optional=position > 1),
            field(
                f"message_{position}",
                "Message",
                text_input(tier.message, multiline=True),
                optional=True,
                hint="Empty: the usual words. @name, @here and @channel mention; {people}, {ticket}, {waiting} are "
                "filled in.",
            ),
        ]
    return modal(SETUP, "SLA of this channel", blocks, metadata={"channel": channel})


def too_many_tiers(*, policy: str, tiers: int, url: str) -> View:
    """Instead of the modal, when the policy would not fit into it."""
    text = (
        f"The policy *{escape(policy)}* has {tiers} tiers, and this form shows at most {MOST_TIERS}. "
        f"So that none is lost, change it in {link(url, 'the portal')}."
    )
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    return modal(SETUP, "SLA of this channel", blocks, submit="")


def support_engineer(*, channel: str) -> View:
    """The modal of /add-support-engineer."""
    blocks = [
        field("slack_id", "Who", user_picker()),
        field("first_name", "First name", text_input(longest=150)),
        field("last_name", "Last name", text_input(longest=150), optional=True),
        field("nickname", "Nickname", text_input(longest=100), optional=True, hint="What colleagues call them."),
        field("email", "Email", text_input(longest=254), hint="Theirs alone; they sign in with it."),
    ]
    return modal(SUPPORT_ENGINEER, "Add support engineer", blocks, submit="Add", metadata={"channel": channel})
