"""A promise that was made to an incident, and a snooze of it, is told in the incident's story."""

from django.db import migrations

from apps.trail.outside import WatchTable

TICKET = "(SELECT number FROM tickets_ticket WHERE id = {row}.ticket_id)"
CLOCK = "SELECT {of} FROM escalations_clock WHERE id = {row}.clock_id"
CHECKED = f"(SELECT number FROM tickets_ticket WHERE id = ({CLOCK.replace('{of}', 'ticket_id')}))"
CHECKED_PAGE = f"({CLOCK.replace('{of}', 'page_id')})"
CHECKED_REQUEST = f"({CLOCK.replace('{of}', 'rfh_id')})"
CHECKED_INCIDENT = f"({CLOCK.replace('{of}', 'incident_id')})"


class Migration(migrations.Migration):
    dependencies = [("escalations", "0008_incidents"), ("trail", "0014_outside")]
    operations = [
        WatchTable(
            "escalations.Clock",
            stream=f"COALESCE('ticket:' || {TICKET}, 'page:' || {{row}}.page_id, 'rfh:' || {{row}}.rfh_id, "
            "'incident:' || {row}.incident_id)",
            label=f"COALESCE({TICKET}, 'page ' || {{row}}.page_id, 'RFH-' || {{row}}.rfh_id, "
            "'incident ' || {row}.incident_id)",
            noun="Promise of ticket",
            # Where the sweep has got to, and what it goes by; a policy that is deleted leaves its name here.
            ignore=["next_at", "looks", "correlation_id", "started_event", "policy_id"],
        ),
        WatchTable(
            "escalations.Check",
            stream=f"COALESCE('ticket:' || {CHECKED}, 'page:' || {CHECKED_PAGE}, 'rfh:' || {CHECKED_REQUEST}, "
            f"'incident:' || {CHECKED_INCIDENT})",
            label=f"COALESCE({CHECKED}, 'page ' || {CHECKED_PAGE}, 'RFH-' || {CHECKED_REQUEST}, "
            f"'incident ' || {CHECKED_INCIDENT})",
            noun="Check of ticket",
        ),
        WatchTable(
            "escalations.Snooze",
            stream=f"COALESCE('ticket:' || {TICKET}, 'incident:' || {{row}}.incident_id)",
            label=f"COALESCE({TICKET}, 'incident ' || {{row}}.incident_id)",
            noun="Snooze of ticket",
        ),
    ]
