"""How an engineer who wants to work with the customer is added: the way the customer came to us. Pure."""

from __future__ import annotations

from enum import StrEnum


class Way(StrEnum):
    """How they come in."""

    # In cc on the ticket: writing to the help desk is not ours, so a person does it.
    CC = "cc"
    # A mention in the customer's thread.
    MENTION = "mention"
    # There is no ticket to add them to.
    NONE = ""


def way_in(*, has_ticket: bool, from_slack: bool, in_thread: bool) -> Way:
    """By the ticket's origin (Sourcegraph, Engaging other teams, Collaboration)."""
    if not has_ticket:
        return Way.NONE
    return Way.MENTION if from_slack and in_thread else Way.CC


def to_do(way: Way, *, engineer: str, email: str, ticket: str) -> str:
    """What somebody must do so that the engineer is in, in a sentence."""
    match way:
        case Way.CC:
            return f"Add {engineer}{f' ({email})' if email else ''} in cc on ticket {ticket} in the help desk."
        case Way.MENTION:
            return f"{engineer} is mentioned in the customer's Slack thread of ticket {ticket}."
        case _:
            return f"There is no ticket to add {engineer} to: bring them and the customer together yourself."
