"""Who is on duty in the demo organisation, and a page that climbs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from apps.pages import services as pages
from apps.pages.models import Page
from apps.people.models import Agent, Channel, Team
from apps.rotations.models import Rotation
from apps.rotations.services import add_override, save_rotation, set_up_cycle
from apps.rotations.specs import LayerSpec, RoleSpec, RotationSpec

ENGINEERS = ("farid", "greta", "hiro", "ines")
SET = ROTATION = "sustained-engineering"
# Its user groups in Slack, by role.
GROUPS = (("primary", "S0SETPRIMARY"), ("backup", "S0SETBACKUP"), ("lead", "S0SETLEAD"))
# Sent so long ago: the primary has been told, the backup will be in a few minutes.
PAGED = timedelta(minutes=6)


def load(now: datetime) -> None:
    """Sustained Engineering: weekly turns from Mondays at nine in Lisbon, next week's primary as backup, and a lead."""
    engineers = tuple((f"{name}@demo.example",) for name in ENGINEERS)
    everybody = {f"{name}@demo.example" for name in (*ENGINEERS, "lead")}
    there = Agent.objects.filter(email__in=everybody).count() == len(everybody)
    if not there or Rotation.objects.filter(slug=ROTATION).exists():
        return
    monday = (now - timedelta(days=now.weekday(), weeks=4)).date()
    start = datetime.combine(monday, time(9))
    weekly = LayerSpec(role="primary", name="Primary by the week", start_local=start)
    rotation = save_rotation(
        None,
        RotationSpec(
            team=SET,
            slug=ROTATION,
            name="Sustained Engineering",
            time_zone="Europe/Lisbon",
            channel="C0SET",
            roles=tuple(RoleSpec(role, f"@set-{role}") for role, _ in GROUPS),
            layers=(
                replace(weekly, participants=engineers),
                replace(weekly, role="backup", name="Backup by the week", index_offset=1, participants=engineers),
                LayerSpec(role="lead", name="Lead", kind="people", participants=(("lead@demo.example",),)),
            ),
        ),
        quietly=True,
        now=now,
    )
    set_up_cycle(
        rotation,
        start_local=start,
        stakeholders=Agent.objects.filter(email="manager@demo.example"),
        channels=Channel.objects.filter(slack_id="C0SET"),
        now=now,
    )
    # Next week the second one's turn begins again; on Wednesday somebody else takes it over for two days.
    agents = {agent.email: agent for agent in Agent.objects.filter(email__in=everybody)}
    speaker, stand_in, lead = (agents[f"{name}@demo.example"] for name in (ENGINEERS[1], ENGINEERS[3], "lead"))
    wednesday = now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=9 - now.weekday())
    add_override(
        rotation,
        role=rotation.roles.get(name="primary"),
        starts_at=wednesday,
        ends_at=wednesday + timedelta(days=2),
        remove=speaker,
        add=stand_in,
        reason=f"{speaker.first_name} speaks at a conference",
        by=lead,
        now=now,
    )


def page(at: datetime) -> None:
    """A page to the SET that nobody has acknowledged yet."""
    team = Team.objects.filter(slug=SET).first()
    if team is None or Page.objects.filter(team=team).exclude(state=Page.State.RESOLVED).exists():
        return
    pages.open_page(
        team=team,
        message="Nobody of Globex can sign in since the upgrade to 10.2: the SAML answer is refused. "
        "Their administrator is on the phone.",
        subject="Globex: nobody can sign in",
        origin=Page.Origin.SLACK,
        by="Ana Torres",
        now=at,
    )
