"""THE table of who may do what in the portal. Deploying syncs it into groups (`manage.py sync`).

Deleting is a superuser's alone, so no role has it: others archive.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import Group, Permission

from apps.trail.managed import saving

MANAGER = "Support manager"
LEAD = "SET lead"
AGENT = "Agent"
ENGINEER = "Engineer"
AUDITOR = "Auditor"
ROLES = (MANAGER, LEAD, AGENT, ENGINEER, AUDITOR)

NOTHING: frozenset[str] = frozenset()
SEE = frozenset({"view"})
# What comes from outside or from the portal itself is acted upon, never made by hand.
ACT = frozenset({"view", "change"})
CHANGE = frozenset({"view", "change", "add"})
SEND = frozenset({"view", "add"})

# For each model, what each role may, in the order of ROLES.
TABLE: dict[str, tuple[frozenset[str], ...]] = {
    "tickets.ticket": (CHANGE, SEE, CHANGE, SEE, SEE),
    "tickets.reply": (SEE, SEE, SEE, SEE, SEE),
    "sla.policy": (CHANGE, SEE, SEE, SEE, SEE),
    "sla.promise": (CHANGE, SEE, SEE, SEE, SEE),
    "sla.tier": (CHANGE, SEE, SEE, SEE, SEE),
    "escalations.clock": (SEE, SEE, SEE, SEE, SEE),
    "escalations.check": (SEE, SEE, SEE, SEE, SEE),
    "slack.watchedchannel": (CHANGE, SEE, SEE, SEE, SEE),
    "slack.slackmessage": (SEE, SEE, SEE, SEE, SEE),
    "people.customer": (CHANGE, SEE, SEE, SEE, SEE),
    "people.contact": (CHANGE, SEE, SEE, SEE, SEE),
    "people.plan": (CHANGE, SEE, SEE, SEE, SEE),
    "people.agent": (CHANGE, SEE, SEE, SEE, SEE),
    "people.team": (CHANGE, SEE, SEE, SEE, SEE),
    "people.namedgroup": (CHANGE, SEE, SEE, SEE, SEE),
    "people.channel": (CHANGE, SEE, SEE, SEE, SEE),
    # Slack's own: synced, not typed.
    "people.usergroup": (SEE, SEE, SEE, SEE, SEE),
    # A lead's right ends at the own teams; the pages look at that.
    "rotations.shift": (CHANGE, CHANGE, SEE, SEE, SEE),
    "rotations.calendar": (CHANGE, CHANGE, SEE, SEE, SEE),
    # Copies of what calendars say; nobody edits them here.
    "rotations.calendarentry": (SEE, SEE, SEE, SEE, SEE),
    # Who was paged may acknowledge as well, and a lead's right ends at the own teams: apps/pages/rights.py.
    "pages.page": (CHANGE, CHANGE, SEND, SEND, SEE),
    "pages.paged": (SEE, SEE, SEE, SEE, SEE),
    # A lead's and an engineer's right ends at the own teams: apps/rfhs/rights.py. The rest comes by steps.
    "rfhs.rfh": (CHANGE, CHANGE, CHANGE, CHANGE, SEE),
    "rfhs.issue": (SEE, SEE, SEE, SEE, SEE),
    "rfhs.note": (SEE, SEE, SEE, SEE, SEE),
    "rfhs.attachment": (SEE, SEE, SEE, SEE, SEE),
    "rfhs.attachedevent": (SEE, SEE, SEE, SEE, SEE),
    "rfhs.answeredhere": (SEE, SEE, SEE, SEE, SEE),
    "rfhs.area": (CHANGE, SEE, SEE, SEE, SEE),
    "rfhs.subteam": (CHANGE, SEE, SEE, SEE, SEE),
    "rfhs.routingexception": (CHANGE, SEE, SEE, SEE, SEE),
    "rfhs.namedowner": (CHANGE, SEE, SEE, SEE, SEE),
    "rfhs.desk": (CHANGE, SEE, SEE, SEE, SEE),
    # Closing and publishing is a right of its own, below.
    "incidents.incident": (CHANGE, CHANGE, CHANGE, CHANGE, SEE),
    "incidents.update": (SEE, SEE, SEE, SEE, SEE),
    "incidents.impactchange": (SEE, SEE, SEE, SEE, SEE),
    "incidents.pin": (SEE, SEE, SEE, SEE, SEE),
    "incidents.rca": (CHANGE, CHANGE, CHANGE, CHANGE, SEE),
    "incidents.action": (CHANGE, CHANGE, CHANGE, CHANGE, SEE),
    "incidents.severity": (ACT, SEE, SEE, SEE, SEE),
    "incidents.component": (CHANGE, CHANGE, SEE, SEE, SEE),
    "incidents.componentgroup": (CHANGE, CHANGE, SEE, SEE, SEE),
    "incidents.maintenance": (CHANGE, CHANGE, SEE, SEE, SEE),
    "incidents.maintenanceupdate": (SEE, SEE, SEE, SEE, SEE),
    "statuspage.subscriber": (CHANGE, CHANGE, SEE, SEE, SEE),
    "statuspage.delivery": (SEE, SEE, SEE, SEE, SEE),
    "statuspage.mail": (SEE, SEE, SEE, SEE, SEE),
    "rotations.rotation": (CHANGE, CHANGE, SEE, SEE, SEE),
    "rotations.role": (CHANGE, CHANGE, SEE, SEE, SEE),
    "rotations.layer": (CHANGE, CHANGE, SEE, SEE, SEE),
    "rotations.override": (CHANGE, CHANGE, SEE, SEE, SEE),
    # Asked, taken and declined on their own pages, by whose shift it is and who is asked.
    "rotations.swaprequest": (SEE, SEE, SEE, SEE, SEE),
    "rotations.invited": (SEE, SEE, SEE, SEE, SEE),
    # A lead's right ends at the own teams: apps/rotations/cycles/rights.py.
    "rotations.cycle": (CHANGE, CHANGE, SEE, SEE, SEE),
    "rotations.checklistitem": (CHANGE, CHANGE, SEE, SEE, SEE),
    "notices.notice": (ACT, SEE, SEE, SEE, SEE),
    "trail.pattern": (CHANGE, SEE, SEE, SEE, SEE),
    # The allow-list's types are the code's; managers switch them on and off.
    "trail.toldtype": (ACT, SEE, SEE, SEE, SEE),
    # Engineers read their own teams' entries, which is no model's permission: tickets tell them their stories.
    "trail.storedevent": (SEE, SEE, SEE, NOTHING, SEE),
    "trail.audittype": (CHANGE, SEE, SEE, NOTHING, SEE),
    "trail.follower": (SEE, SEE, SEE, NOTHING, SEE),
    "trail.seal": (SEE, SEE, SEE, NOTHING, SEE),
}

# Rights beyond seeing and changing, with the roles that have them.
BEYOND: dict[str, tuple[str, ...]] = {
    "trail.export_trail": (MANAGER, AUDITOR),
    "rfhs.change_any_rfh": (MANAGER, AGENT),
    "incidents.publish_incident": (MANAGER, LEAD),
    # Of the own teams: apps/rotations/rights.py.
    "rotations.take_shift": (MANAGER, LEAD, AGENT, ENGINEER),
}

# Known, and on purpose nobody's but a superuser's.
SUPERUSER_ALONE = frozenset(
    {
        "api.apikey",
        "auth.group",
        "django_q.failure",
        "django_q.ormq",
        "django_q.schedule",
        "django_q.success",
        "slack.slackevent",
    }
)


def may(role: str, action: str, model: str) -> bool:
    """Whether the table lets `role` do `action` (view, add, change) with `model` ("sla.policy")."""
    return model in TABLE and action in TABLE[model][ROLES.index(role)]


def permissions(role: str) -> set[str]:
    """The role's permissions by Django's names, such as "sla.view_policy"."""
    column = ROLES.index(role)
    of_models = {
        f"{app}.{action}_{name}"
        for model, allowed in TABLE.items()
        for app, name in [model.split(".")]
        for action in allowed[column]
    }
    return of_models | {permission for permission, roles in BEYOND.items() if role in roles}


def sync(now: datetime) -> None:
    """Each role is a group with exactly the table's permissions; other groups are left alone.

    Raises LookupError when the database lacks a permission: then it is not migrated.
    """
    rows = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    known = {f"{app}.{codename}": pk for app, codename, pk in rows}
    held = _held()
    for role in ROLES:
        names = permissions(role)
        if missing := names - known.keys():
            raise LookupError(f"The database does not know {', '.join(sorted(missing))}. Migrate it first.")
        wanted = {known[name] for name in names}
        if held.get(role) == wanted:
            continue
        group = Group.objects.filter(name=role).first() or Group(name=role)
        with saving(group, now=now):
            group.save()
            group.permissions.set(wanted)


def _held() -> dict[str, set[int]]:
    """The keys of the permissions of each role's group, where there is one."""
    found: dict[str, set[int]] = {}
    for role, permission in Group.objects.filter(name__in=ROLES).values_list("name", "permissions"):
        found.setdefault(role, set()).add(permission)
    return found
