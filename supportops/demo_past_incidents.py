"""What was broken in the demo organisation in the ninety days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Passed:
    """What was broken so long ago, how soon somebody looked, how long it lasted; without a text nobody outside knew."""

    ago: timedelta
    title: str
    severity: str
    hit: tuple[tuple[str, str], ...]
    point: str
    seen: timedelta
    lasted: timedelta
    said: str = ""
    found: str = ""
    ended: str = ""
    why: str = ""


PASSED: tuple[Passed, ...] = (
    Passed(
        5 * DAY,
        "Sign-in with SAML fails for some organisations",
        "sev-2",
        (("sign-in", "partial_outage"),),
        "farid",
        7 * MINUTE,
        95 * MINUTE,
        "Some organisations that sign in with SAML cannot do so. Passwords work.",
        "An update of our certificate was not accepted by some identity providers. We went back to the one before.",
        "Everybody can sign in again. We are sorry for the interruption.",
        "The new certificate had a key that Okta's older agents refuse.",
    ),
    Passed(
        9 * DAY,
        "Uploads over 50 MB fail",
        "sev-3",
        (("files", "degraded_performance"),),
        "greta",
        12 * MINUTE,
        4 * HOUR,
        "Files of more than 50 MB cannot be uploaded. Smaller ones can.",
        "A limit was set too low. We raise it again.",
        "Files of every allowed size can be uploaded again.",
        "The proxy's limit came back with the new image.",
    ),
    Passed(
        15 * DAY,
        "Nightly exports were skipped",
        "sev-4",
        (),
        "hiro",
        40 * MINUTE,
        9 * HOUR,
        why="The schedule was in local time, and the night had an hour less. Nobody noticed outside.",
    ),
    Passed(
        22 * DAY,
        "The application is unavailable",
        "sev-1",
        (("web", "major_outage"), ("api", "major_outage"), ("mobile", "partial_outage")),
        "farid",
        3 * MINUTE,
        47 * MINUTE,
        "The application cannot be reached. We look into it and say more within fifteen minutes.",
        "The database ran out of connections. We free them now.",
        "Everything can be reached again. An analysis follows.",
        "A migration held a lock, and every request waited with a connection of its own.",
    ),
    Passed(
        31 * DAY,
        "Notifications arrive twice on iOS",
        "sev-4",
        (("mobile", "degraded_performance"),),
        "ines",
        25 * MINUTE,
        7 * HOUR,
        "Notifications arrive twice on iOS.",
        "A retry counted as a new message.",
        "Each notification arrives once.",
        "The push service answered late, and we sent again without its key.",
    ),
    Passed(
        44 * DAY,
        "Hovers and definitions are slow",
        "sev-3",
        (("code-intelligence", "degraded_performance"),),
        "ines",
        10 * MINUTE,
        5 * HOUR,
        "Hovers and definitions take several seconds.",
        "One large upload fills the queue. It is processed apart from the others now.",
        "Hovers and definitions are as quick as before.",
        "Globex uploads an index of 9 GB each hour.",
    ),
    Passed(
        58 * DAY,
        "The shop takes no cards",
        "sev-2",
        (("billing", "major_outage"),),
        "dana",
        5 * MINUTE,
        2 * HOUR,
        why="The payment provider's key had ended. Three customers of the trial could not buy.",
    ),
    Passed(
        67 * DAY,
        "API answers slowly",
        "sev-3",
        (("api", "degraded_performance"), ("webhooks", "degraded_performance")),
        "greta",
        8 * MINUTE,
        140 * MINUTE,
        "The API answers more slowly than usual, and webhooks are late.",
        "A neighbour of ours in the data centre uses the network we share. We move.",
        "The API answers as quickly as before.",
        "Noisy neighbour on the second node pool.",
    ),
    Passed(
        81 * DAY,
        "We cannot read what you write to the help desk",
        "sev-2",
        (("help-desk", "partial_outage"),),
        "agent",
        4 * MINUTE,
        75 * MINUTE,
        "The help desk is down. Write to us in Slack meanwhile.",
        "Our provider is on it.",
        "The help desk is back, and nothing you wrote was lost.",
        "Outage of the vendor.",
    ),
)
