"""What is changed here outside the application is on the trail."""

from django.db import migrations

from apps.trail.outside import WatchTable

NAME = "{row}.name"
CUSTOMER = "'customer:' || {row}.slug"
THEIR_CUSTOMER = "'customer:' || (SELECT slug FROM people_customer WHERE id = {row}.customer_id)"


def relation(owner: str, what: str, mine: str, other: str, noun: str) -> WatchTable:
    """Rows that join two; they are the owner's to say, and go with either."""
    table = {"group": "auth_group"}.get(mine, f"people_{mine}")
    called = "email" if mine == "agent" else "name"
    also = [] if other == "permission" else [f"'{other}:' || {{row}}.{other}_id"]
    return WatchTable(
        f"{owner}.{what}",
        stream=f"'{mine}:' || {{row}}.{mine}_id",
        label=f"(SELECT {called} FROM {table} WHERE id = {{row}}.{mine}_id)",
        noun=noun,
        also=also,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_failed_sign_ins"),
        ("trail", "0014_outside"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [
        WatchTable("people.Agent", label="coalesce(nullif(concat_ws(' ', nullif({row}.first_name, ''), nullif({row}.last_name, '')), ''), {row}.email)"),
        relation("people.Agent", "groups", "agent", "group", "Role of agent"),
        relation("people.Agent", "user_permissions", "agent", "permission", "Permission of agent"),
        WatchTable("people.Plan", label=NAME),
        WatchTable("people.Customer", stream=CUSTOMER, label=NAME, also=["'agent:' || {row}.account_manager_id"]),
        WatchTable("people.Contact", stream=THEIR_CUSTOMER, label=NAME),
        WatchTable("people.Team", label=NAME, also=["'channel:' || {row}.channel_id"]),
        relation("people.Team", "members", "team", "agent", "Member of team"),
        WatchTable("people.NamedGroup", label=NAME),
        relation("people.NamedGroup", "members", "namedgroup", "agent", "Member of named group"),
        WatchTable("people.Channel", label="coalesce(nullif({row}.name, ''), {row}.slack_id)"),
        WatchTable("people.UserGroup", label="{row}.handle"),
        # Not ours, but roles are managed here.
        WatchTable("auth.Group", label=NAME, noun="Role"),
        relation("auth.Group", "permissions", "group", "permission", "Permission of role"),
    ]
