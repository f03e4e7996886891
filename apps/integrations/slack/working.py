"""Working a Slack event: once, in the name of whoever caused it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from apps.integrations.slack import (
    app_home,
    asking,
    buttons,
    declaring,
    from_message,
    incident_pins,
    incident_pressing,
    incident_updating,
    mentions,
    paging,
    rfh_pressing,
    rfh_threads,
    selectors,
    services,
    setup,
    support_engineer,
    swapping,
    ticket_messages,
    unfurling,
)
from apps.integrations.slack.answering import answer
from apps.integrations.slack.calls import Call, OpenModal, Unfurl
from apps.integrations.slack.candidates import message_in, posted_by
from apps.integrations.slack.gateway import Gateway, GatewayError, Refused
from apps.integrations.slack.incoming import mapping, user_of
from apps.integrations.slack.models import SlackEvent
from apps.trail.context import Actor, acting

logger = logging.getLogger(__name__)

Handler = Callable[[SlackEvent, datetime], Call | None]
HANDLERS: dict[str, Handler] = {
    "message": ticket_messages.on_message,
    "app_mention": mentions.on_mention,
    "app_home_opened": app_home.on_opened,
    "link_shared": unfurling.on_shared,
    setup.COMMAND: setup.on_command,
    support_engineer.COMMAND: support_engineer.on_command,
    buttons.SNOOZE: buttons.on_snooze,
    buttons.WHY_ME: buttons.on_why_me,
    paging.COMMAND: paging.on_command,
    **dict.fromkeys(paging.BUTTONS, paging.on_button),
    **dict.fromkeys(swapping.BUTTONS, swapping.on_button),
    asking.COMMAND: asking.on_command,
    asking.NEW: asking.on_new,
    from_message.SHORTCUT: from_message.on_shortcut,
    rfh_threads.REPLY: rfh_threads.on_reply,
    **dict.fromkeys(rfh_pressing.BUTTONS, rfh_pressing.on_button),
    declaring.COMMAND: declaring.on_command,
    declaring.SHORTCUT: declaring.on_shortcut,
    incident_updating.COMMAND: incident_updating.on_command,
    **dict.fromkeys(incident_pressing.BUTTONS, incident_pressing.on_button),
    **dict.fromkeys((incident_pins.ADDED, incident_pins.REMOVED), incident_pins.on_pin),
}
TOO_LATE = "That took too long, please try again."
# Somebody deleted or edited the message meanwhile.
GONE = frozenset({"cannot_find_message", "cannot_unfurl_url"})


def work(pk: int, *, now: datetime) -> bool:
    """The event is worked, or its failure is on record and it waits for another attempt; True when worked.

    What follows in the database follows once, whoever else works it at this moment: the row is locked. What is
    asked of Slack is asked afterwards, and may be asked twice, which a modal and a Home tab can bear.
    """
    event = services.begin(pk)
    if event is None:
        return False
    with acting(actor=_actor(event), correlation=event.correlation_id, metadata={"slack_event": event.event_id}):
        try:
            return _work(event, now=now)
        except Exception as error:
            # The handler's transaction is rolled back; the event itself must not be lost with it.
            logger.exception("Slack event %s could not be worked", event.event_id)
            services.fail(event, f"{type(error).__name__}: {error}")
            return False


def _work(event: SlackEvent, *, now: datetime) -> bool:
    with transaction.atomic():
        mine = (
            SlackEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=event.pk, state=SlackEvent.State.WAITING)
            .first()
        )
        if mine is None:
            return False
        call = HANDLERS[event.kind](mine, now)
        if call is None:
            services.finish(mine)
            return True
    return _carry_out(call, event, now=now)


def _carry_out(call: Call, event: SlackEvent, *, now: datetime) -> bool:
    if not Gateway.configured():
        shown = call.view if isinstance(call, OpenModal) else None
        services.finish(event, remark="Slack is not configured, so nothing was shown.", would_show=shown)
        return True
    try:
        call.carry_out(Gateway())
    except Refused as refusal:
        return _refused(call, event, refusal, now=now)
    except GatewayError as error:
        services.fail(event, str(error))
        return False
    services.finish(event)
    return True


def _refused(call: Call, event: SlackEvent, refusal: Refused, *, now: datetime) -> bool:
    if isinstance(call, OpenModal) and refusal.error == "exchanged_trigger_id":
        # An earlier attempt opened it and did not live to say so.
        services.finish(event)
        return True
    if isinstance(call, OpenModal) and refusal.error == "expired_trigger_id":
        with transaction.atomic():
            answer(call.asked, TOO_LATE, now=now, private=True)
            services.finish(event, remark=TOO_LATE)
        return True
    if isinstance(call, Unfurl) and refusal.error in GONE:
        services.finish(event, remark="The message is gone, or no longer has the link.")
        return True
    services.fail(event, str(refusal), for_good=refusal.permanent)
    return False


def _actor(event: SlackEvent) -> Actor:
    """Whoever did it in Slack; of a ticket message, the app that posted it."""
    if event.kind == "message":
        _, message, _ = message_in(mapping(event.payload.get("event")))
        poster, name = posted_by(message)
        return selectors.actor_of(poster, name)
    return selectors.actor_of(user_of(event.payload))
