"""The one table of scheduled jobs. Deploying syncs it into django-q2 (`manage.py sync`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A job the portal needs; `minutes` is its cadence (django-q2 looks every 30 s, so at least one)."""

    name: str
    function: str
    minutes: int


JOBS = (
    Job("Reach due checks", "apps.escalations.jobs.sweep", 1),
    Job("Deliver notices", "apps.notices.jobs.deliver", 1),
    Job("Follow the trail", "apps.trail.jobs.follow", 1),
    Job("Fill the audit log", "apps.trail.audit.jobs.fill", 1),
    Job("Scan watched channels", "apps.integrations.slack.jobs.scan_channels", 1),
    Job("Work Slack events left over", "apps.integrations.slack.jobs.work_left_over", 1),
    Job("Show in Slack who is on duty", "apps.integrations.slack.jobs.follow_duty", 1),
    Job("Look after incidents' channels", "apps.integrations.slack.jobs.look_after_incident_channels", 1),
    Job("Sync Slack user groups", "apps.integrations.slack.jobs.sync_user_groups", 10),
    Job("Read channels' members", "apps.integrations.slack.jobs.read_channel_members", 10),
    Job("Keep who was on duty", "apps.rotations.jobs.keep_history", 10),
    Job("Look after hand-overs", "apps.rotations.handovers.jobs.look_after", 5),
    Job("Read calendars", "apps.rotations.jobs.sync_calendars", 5),
    Job("End swap requests that began", "apps.rotations.jobs.expire_swaps", 1),
    Job("Run cycles", "apps.rotations.jobs.run_cycles", 2),
    Job("Look at the days ahead", "apps.rotations.jobs.look_ahead", 15),
    Job("Declare incidents that requests need", "apps.incidents.jobs.answer_requests", 10),
    Job("Make issues of requests", "apps.rfhs.jobs.make_issues", 1),
    Job("Say on issues what is owed", "apps.rfhs.jobs.say_on_issues", 1),
    Job("Label issues of requests", "apps.rfhs.jobs.label_issues", 5),
    Job("Read issues of requests", "apps.rfhs.jobs.read_issues", 5),
    Job("Tell subscribers", "apps.statuspage.subscribing.jobs.deliver", 1),
    Job("Follow maintenance plans", "apps.incidents.jobs.follow_maintenance", 1),
    Job("Render the status page", "apps.statuspage.jobs.render", 1),
    Job("Verify the trail", "apps.trail.seals.jobs.verify", 24 * 60),
    Job("Show the newest seal", "apps.trail.seals.jobs.show_head", 24 * 60),
    Job("Tidy up", "supportops.jobs.tidy", 60),
)
# Rows of ours carry this prefix; any other row is a person's and is left alone.
PREFIX = "supportops: "
