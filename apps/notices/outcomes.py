"""What a call's end means for its notice, its lane and the trail."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from apps.integrations.slack.gateway import GatewayError, RateLimited, Refused, Unreachable, Unsure
from apps.notices import advice, lanes, patience
from apps.notices.calls import Doing, Outcome
from apps.notices.events import NoticeFailed, NoticeSent
from apps.notices.models import Notice
from apps.notices.services import streams_of
from apps.trail import services as trail

logger = logging.getLogger(__name__)
State = Notice.State

# A broken connection: what Slack had taken is there by then. A call that timed out may still be worked on.
LOOK_AFTER = timedelta(seconds=2)
LOOK_AFTER_TIMEOUT = timedelta(seconds=10)
# A private message cannot be looked up. It answers somebody who just asked, and to see an answer twice hurts
# less than to get none: it is said again, once.
PRIVATE_TRIES = 2
ERROR = 300


@transaction.atomic
def settle(outcome: Outcome, *, token: str) -> bool:
    """The call's end is recorded; whether the message is known to be in Slack now."""
    call, at = outcome.call, outcome.at
    if call.doing is Doing.PROBE:
        _probed(outcome)
        return False
    notice = (
        Notice.objects.select_for_update()
        .filter(pk=call.notice, claim=token, state__in=(State.SENDING, State.UNSURE))
        .first()
    )
    if notice is None:
        # Somebody took us for gone and settled it; what they found out stands.
        logger.warning("Notice %s was settled by another deliverer", call.notice)
        return False
    match outcome.error:
        case None if outcome.ts is None:
            _wait(notice, at, error="It was not in Slack.")
            lanes.free_at(call.channel, at)
        case None:
            _sent(notice, outcome.ts or "", at)
            lanes.free_at(call.channel, at if call.doing is Doing.LOOK else at + lanes.PACE)
        case RateLimited() as limited:
            _limited(notice, call.doing, limited, at)
        case Unreachable() as absent:
            lanes.cut_off(now=at)
            lanes.free_at(call.channel, at)
            _not_tried(notice, call.doing, str(absent), at)
        case Refused() as refusal:
            lanes.free_at(call.channel, at + lanes.PACE)
            _refused(notice, call.doing, refusal, at)
        case error:
            lanes.free_at(call.channel, at + lanes.PACE)
            _unclear(notice, call.doing, error, at)
    return outcome.error is None and outcome.ts is not None


def doubt(notice: Notice, reason: str, *, at: datetime, look_at: datetime) -> None:
    """Nobody knows whether Slack took the message: it is looked for before it is said again."""
    if notice.kind == Notice.Kind.PRIVATE:
        if notice.attempts >= PRIVATE_TRIES:
            _fail(notice, f"Slack did not say whether it took it, twice: {reason}.", at)
        else:
            _wait(notice, look_at, error=reason)
        return
    notice.state, notice.ready_at, notice.error = State.UNSURE, look_at, reason[:ERROR]
    notice.save(update_fields=["state", "ready_at", "error"])


def _probed(outcome: Outcome) -> None:
    if outcome.error is None:
        lanes.resume()
    elif isinstance(outcome.error, Refused) and outcome.error.locked_out:
        lanes.pause(now=outcome.at)
    elif isinstance(outcome.error, Unreachable):
        lanes.cut_off(now=outcome.at)
    else:
        wait = outcome.error.seconds if isinstance(outcome.error, RateLimited) else 10
        lanes.free_at(lanes.EVERYBODY, outcome.at + timedelta(seconds=wait))


def _limited(notice: Notice, doing: Doing, limited: RateLimited, at: datetime) -> None:
    """Slack did nothing, so it was no attempt; the lane waits as long as Slack asked."""
    lanes.free_at(notice.channel, at + timedelta(seconds=limited.seconds))
    _not_tried(notice, doing, str(limited), notice.ready_at)


def _not_tried(notice: Notice, doing: Doing, reason: str, ready_at: datetime) -> None:
    notice.attempts = max(notice.attempts - 1, 0)
    _wait(notice, ready_at, error=reason, state=_back(doing))


def _refused(notice: Notice, doing: Doing, refusal: Refused, at: datetime) -> None:
    reason = advice.sentence(refusal.error)
    if refusal.locked_out:
        # Every other message would be refused too: the first says so, the rest are not burnt.
        first = lanes.pause(now=at)
        if doing is Doing.SAY and first:
            _fail(notice, reason, at)
        else:
            _not_tried(notice, doing, reason, at)
    elif doing is Doing.LOOK and refusal.permanent:
        _fail(
            notice,
            "Slack did not say whether it took it and does not let the bot read the channel: look there before "
            f"you send it again. {reason}",
            at,
        )
    elif refusal.permanent or patience.exhausted(notice.attempts, created_at=notice.created_at, now=at):
        _fail(notice, reason, at, of_the_message=refusal.error in advice.OF_THE_MESSAGE)
    else:
        _wait(
            notice,
            at + patience.backoff(notice.attempts),
            error=reason,
            state=_back(doing),
        )


def _unclear(notice: Notice, doing: Doing, error: GatewayError, at: datetime) -> None:
    if patience.exhausted(notice.attempts, created_at=notice.created_at, now=at):
        _fail(notice, f"Tried for a day in vain; look there before you send it again. {error}", at)
    elif doing is Doing.LOOK:
        wait = patience.backoff(notice.attempts, longest=patience.LONGEST_LOOK)
        _wait(notice, at + wait, error=str(error), state=State.UNSURE)
    else:
        timed_out = isinstance(error, Unsure) and error.timed_out
        # The second time in a row Slack is unwell as a whole; there is no hurry to ask it again.
        wait = max(
            LOOK_AFTER_TIMEOUT if timed_out else LOOK_AFTER,
            patience.backoff(notice.attempts, longest=patience.LONGEST_LOOK),
        )
        doubt(notice, str(error), at=at, look_at=at + wait)


def _back(doing: Doing) -> State:
    """What a notice is again when its call did nothing."""
    return State.UNSURE if doing is Doing.LOOK else State.WAITING


def _wait(notice: Notice, until: datetime, *, error: str, state: State = State.WAITING) -> None:
    notice.state, notice.ready_at, notice.error = state, until, error[:ERROR]
    notice.save(update_fields=["state", "ready_at", "error", "attempts"])


def _sent(notice: Notice, ts: str, at: datetime) -> None:
    notice.state, notice.slack_ts, notice.sent_at, notice.error = State.SENT, ts, at, ""
    notice.save(update_fields=["state", "slack_ts", "sent_at", "error"])
    folded = list(notice.folded.filter(state=State.FOLDED))
    notice.folded.filter(state=State.FOLDED).update(slack_ts=ts, sent_at=at)
    if notice.kind == Notice.Kind.UPDATE:
        # The event that changed what it shows is on the trail.
        return
    happenings = [_happening(notice, _sent_event(notice, notice, ts))]
    happenings.extend(_happening(one, _sent_event(one, notice, ts)) for one in folded)
    trail.record_many(happenings, now=at)


def _fail(notice: Notice, reason: str, at: datetime, *, of_the_message: bool = False) -> None:
    """Only a person can help. What a summary was to say is given back: alone, or failed with its channel."""
    notice.state, notice.error = State.FAILED, reason[:ERROR]
    notice.save(update_fields=["state", "error"])
    failed: Sequence[Notice] = [notice]
    folded = notice.folded.filter(state=State.FOLDED)
    if of_the_message:
        folded.update(state=State.WAITING, ready_at=at)
    else:
        failed = [notice, *folded]
        folded.update(state=State.FAILED, error=reason[:ERROR])
    trail.record_many(
        [
            _happening(
                one,
                NoticeFailed(notice=one.pk, summary=one.summary, channel=one.channel, reason=reason),
            )
            for one in failed
        ],
        now=at,
    )


def _sent_event(notice: Notice, by: Notice, ts: str) -> NoticeSent:
    return NoticeSent(
        notice=notice.pk,
        summary=notice.summary,
        channel=by.channel,
        thread_ts=by.thread_ts,
        ts=ts,
        user=by.user,
        in_summary=None if by is notice else by.pk,
        attempts=by.attempts,
    )


def _happening(notice: Notice, event: NoticeSent | NoticeFailed) -> trail.Happening:
    return trail.Happening(
        event=event, about=streams_of(notice), cause=notice.event_id, correlation=notice.correlation_id
    )
