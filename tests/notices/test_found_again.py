"""A pattern that happened again is told where its manager chose, and only there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from apps.notices.models import Notice
from apps.trail import services as trail
from apps.trail.models import Pattern, StoredEvent
from apps.trail.patterns.watching import watch
from tests import make
from tests.standins.slack import StandInSlack

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_channel_of_a_pattern_is_posted_to_and_the_story_tells_it(
    slack: StandInSlack, run: Callable[..., bool]
) -> None:
    make.channel("C0SUPPORT", "support")
    now = timezone.now()
    Pattern.objects.create(
        name="Fuse & co",
        required=["FuseBlown"],
        advice="Change it.",
        watch=True,
        watched_since=now - 10 * make.MINUTE,
        channel="support",
    )
    blown = trail.publish("FuseBlown", about=["ticket:4711"], now=now)

    watch([StoredEvent.objects.get(position=blown.position)])

    assert run(lambda: Notice.objects.get().state == "sent")
    [posted] = slack.posted("C0SUPPORT")
    assert "*It happened again:* Fuse &amp; co on *ticket 4711*" in posted["text"]
    matched, sent = (StoredEvent.objects.get(type=kind) for kind in ("PatternMatched", "NoticeSent"))
    assert matched.causation_id == blown.id
    assert sent.causation_id == matched.event_id
    assert sent.about == ["ticket:4711"]
