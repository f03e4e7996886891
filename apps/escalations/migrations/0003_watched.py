"""What is changed here outside the application is on the trail, in the ticket's story."""

from django.db import migrations

from apps.trail.outside import WatchTable

TICKET = "(SELECT number FROM tickets_ticket WHERE id = {row}.ticket_id)"
CHECKED = (
    "(SELECT number FROM tickets_ticket"
    " WHERE id = (SELECT ticket_id FROM escalations_clock WHERE id = {row}.clock_id))"
)


class Migration(migrations.Migration):
    dependencies = [("escalations", "0002_relations"), ("trail", "0014_outside")]
    operations = [
        WatchTable(
            "escalations.Clock",
            stream=f"'ticket:' || {TICKET}",
            label=TICKET,
            noun="Promise of ticket",
            # Where the sweep has got to, and what it goes by; a policy that is deleted leaves its name here.
            ignore=["next_at", "looks", "correlation_id", "started_event", "policy_id"],
        ),
        WatchTable("escalations.Check", stream=f"'ticket:' || {CHECKED}", label=CHECKED, noun="Check of ticket"),
        WatchTable("escalations.Snooze", stream=f"'ticket:' || {TICKET}", label=TICKET, noun="Snooze of ticket"),
    ]
