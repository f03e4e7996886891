"""What is changed here outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable

NUMBER = "(SELECT number FROM tickets_ticket WHERE id = {row}.ticket_id)"


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_reopened"), ("trail", "0014_outside")]
    operations = [
        WatchTable("tickets.Ticket", stream="'ticket:' || {row}.number", label="{row}.number"),
        WatchTable("tickets.Reply", stream=f"'ticket:' || {NUMBER}", label=NUMBER, noun="Reply in ticket"),
    ]
