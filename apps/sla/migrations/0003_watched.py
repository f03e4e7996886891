"""What is changed here outside the application is on the trail, in the policy's story."""

from django.db import migrations

from apps.trail.outside import WatchTable

POLICY = "'policy:' || {row}.policy_id"
NAME = "(SELECT name FROM sla_policy WHERE id = {row}.policy_id)"
# A tier that is gone says so itself.
OF_TIER = "(SELECT policy_id FROM sla_tier WHERE id = {row}.tier_id)"


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_order_from_one"), ("people", "0004_watched")]
    operations = [
        WatchTable("sla.Policy", label="{row}.name"),
        WatchTable("sla.Policy.plans", stream=POLICY, label=NAME, noun="Plan of policy", also=["'plan:' || {row}.plan_id"]),
        WatchTable(
            "sla.Policy.channels",
            stream=POLICY,
            label=NAME,
            noun="Channel of policy",
            also=["'channel:' || {row}.channel_id"],
        ),
        WatchTable("sla.Promise", stream=POLICY, label=NAME, noun="Promise of policy"),
        WatchTable("sla.Tier", stream=POLICY, label=NAME, noun="Tier of policy"),
        WatchTable(
            "sla.Tier.agents",
            stream=f"'policy:' || {OF_TIER}",
            label=f"(SELECT name FROM sla_policy WHERE id = {OF_TIER})",
            noun="Agent in a tier of policy",
            also=["'agent:' || {row}.agent_id"],
        ),
    ]
