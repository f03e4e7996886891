"""bolt's App and what it listens to: each listener keeps what it hears and is done, or answers from the database."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import uuid_utils.compat as uuids
from django.conf import settings
from django.db import transaction
from slack_bolt import Ack, App, BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk import WebClient

from apps.integrations.slack import (
    asking,
    buttons,
    declaring,
    from_message,
    incident_modals,
    incident_pins,
    incident_pressing,
    incident_updating,
    modals,
    paging,
    rfh_modals,
    rfh_pressing,
    rfh_threads,
    selectors,
    services,
    setup,
    suggesting,
    support_engineer,
    swapping,
    ticket_messages,
    unfurling,
)
from apps.integrations.slack.incoming import mapping, user_of, word
from apps.integrations.slack.inputs import NextView
from apps.trail.context import acting

logger = logging.getLogger(__name__)

EVENTS = frozenset(
    {"message", "app_mention", "app_home_opened", "link_shared", incident_pins.ADDED, incident_pins.REMOVED}
)
# Of these most concern nobody here, so they are looked at before they are kept, and kept as what they are.
WORTH_KEEPING: dict[str, dict[str, Callable[[Mapping[str, Any]], bool]]] = {
    "message": {"message": ticket_messages.worth_keeping, rfh_threads.REPLY: rfh_threads.worth_keeping},
    "link_shared": {"link_shared": unfurling.worth_keeping},
    **{kind: {kind: incident_pins.worth_keeping} for kind in (incident_pins.ADDED, incident_pins.REMOVED)},
}
COMMANDS = frozenset(
    {
        setup.COMMAND,
        support_engineer.COMMAND,
        paging.COMMAND,
        asking.COMMAND,
        declaring.COMMAND,
        incident_updating.COMMAND,
    }
)
SHORTCUTS = frozenset({from_message.SHORTCUT, declaring.SHORTCUT})
BUTTONS = (
    frozenset({buttons.SNOOZE, buttons.WHY_ME, asking.NEW})
    | paging.BUTTONS
    | swapping.BUTTONS
    | rfh_pressing.BUTTONS
    | incident_pressing.BUTTONS
)
# Where a listener finds the time the request came: whoever dispatches reads the clock.
NOW = "now"

# What is wrong, by block, or what the modal turns into.
SUBMISSIONS: dict[str, Callable[..., dict[str, str] | NextView]] = {
    modals.SETUP: setup.submit,
    modals.SUPPORT_ENGINEER: support_engineer.submit,
    rfh_modals.ASK: asking.submit,
    rfh_modals.FROM_MESSAGE: from_message.submit,
    rfh_modals.ANSWER: rfh_pressing.submit_answer,
    rfh_modals.SOLVED: rfh_pressing.submit_solved,
    incident_modals.DECLARE: declaring.submit,
    incident_modals.CHOOSE: incident_updating.submit_choice,
    incident_modals.UPDATE: incident_updating.submit,
    incident_modals.CLOSE: incident_updating.submit_close,
}
_ANYTHING = re.compile(".*", re.DOTALL)


@functools.cache
def app() -> App:
    """The App, built when it is first needed; building it asks nothing of Slack."""
    logger.addFilter(_is_worth_saying)
    made = App(
        logger=logger,
        client=WebClient(base_url=settings.SLACK_API_URL),
        authorize=_authorize,
        # Whoever comes here was verified by the door, on the raw bytes.
        request_verification_enabled=False,
        # What our own bot says is told apart by ourselves: bolt would have to ask Slack who we are.
        ignoring_self_events_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        # The answer holds what a listener found out, so it runs before it.
        process_before_response=True,
    )
    made.event(_ANYTHING)(_on_event)
    made.command(_ANYTHING)(_on_command)
    made.action(_ANYTHING)(_on_action)
    made.shortcut(_ANYTHING)(_on_shortcut)
    made.view(_ANYTHING)(_on_submission)
    made.options(_ANYTHING)(_on_options)
    return made


def _is_worth_saying(record: logging.LogRecord) -> bool:
    # bolt looks for SLACK_BOT_TOKEN in the environment by itself, and warns that it will not use it.
    return record.getMessage() != warning_client_prioritized_and_token_skipped()


def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=settings.SLACK_BOT_TOKEN or "none")


def _on_event(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    kind = body["event"]["type"]
    if kind in EVENTS and (kept_as := _worth(kind, body)):
        services.receive(key=body["event_id"], kind=kept_as, payload=body, now=context[NOW])
    ack()


def _worth(kind: str, body: Mapping[str, Any]) -> str:
    if kind not in WORTH_KEEPING:
        return kind
    return next((kept_as for kept_as, is_so in WORTH_KEEPING[kind].items() if is_so(body)), "")


def _on_command(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    command = word(body.get("command"))
    if command not in COMMANDS:
        ack(f"I do not know {command}.")
        return
    _receive(command, body, _key("command", body), context)
    ack()


def _on_action(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    button = buttons.pressed(body)
    action = word(button.get("action_id"))
    # "Open ticket" is a link; Slack tells us of it and expects no more than to be heard.
    if action in BUTTONS:
        _receive(action, body, _key("action", body, word(button.get("action_ts")), user_of(body)), context)
    ack()


def _on_shortcut(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    shortcut = word(body.get("callback_id"))
    if shortcut in SHORTCUTS:
        _receive(shortcut, body, _key("shortcut", body, user_of(body)), context)
    ack()


def _on_submission(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
    submit = SUBMISSIONS.get(word(mapping(body.get("view")).get("callback_id")))
    if submit is None or body.get("type") != "view_submission":
        ack()
        return
    with acting(actor=selectors.actor_of(user_of(body))), transaction.atomic():
        said = submit(body, now=context[NOW])
    if isinstance(said, NextView):
        ack(response_action="update", view=said.view)
    elif said:
        ack(response_action="errors", errors=said)
    else:
        ack()


def _on_options(ack: Ack, body: dict[str, Any]) -> None:
    found = suggesting.options(body)
    # Slack knows no empty list of groups.
    ack(option_groups=found) if found else ack(options=[])


def _receive(kind: str, body: Mapping[str, Any], key: str, context: BoltContext) -> None:
    services.receive(key=key, kind=kind, payload=body, now=context[NOW])


def _key(what: str, body: Mapping[str, Any], *else_by: str) -> str:
    # Every interaction has a trigger; without one nothing could tell two of them apart.
    return ":".join([what, word(body.get("trigger_id")) or uuids.uuid7().hex, *else_by])
