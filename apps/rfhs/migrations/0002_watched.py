from django.db import migrations

from apps.trail.outside import WatchTable

OF_RFH = "'rfh:' || {row}.rfh_id"
OF_AREA = "'area:' || {row}.area_id"


class Migration(migrations.Migration):
    dependencies = [
        ("rfhs", "0001_requests"),
        ("trail", "0018_told_at_a_glance"),
    ]

    operations = [
        WatchTable("rfhs.RFH", label="'RFH-' || {row}.id", noun="Request for help"),
        WatchTable(
            "rfhs.Issue",
            stream=OF_RFH,
            label="{row}.title",
            ignore=["attempts", "next_at", "error", "polled_at"],
        ),
        WatchTable("rfhs.Note", stream=OF_RFH),
        WatchTable("rfhs.Attachment", stream=OF_RFH, label="{row}.name", ignore=["content"]),
        WatchTable("rfhs.AttachedEvent", stream=OF_RFH, noun="Attached event"),
        WatchTable("rfhs.AnsweredHere", noun="Question answered here", stream="'answered-here:' || {row}.id"),
        WatchTable("rfhs.Area", label="{row}.name"),
        WatchTable("rfhs.SubTeam", stream=OF_AREA, label="{row}.name", noun="Sub-team"),
        WatchTable("rfhs.RoutingException", stream=OF_AREA, label="{row}.keyword", noun="Routing exception"),
        WatchTable("rfhs.NamedOwner", label="{row}.name"),
        WatchTable("rfhs.Desk"),
    ]
