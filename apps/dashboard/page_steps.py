"""Where a team's steps for its pages are set, for the pages that lead there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from apps.people.models import Agent, Team
from apps.sla.models import Policy


@dataclass(frozen=True)
class Steps:
    """The address of the team's own policy for pages, or of the form that adds one, filled in."""

    address: str
    words: str


def steps_of_team(team: Team, viewer: Agent) -> Steps | None:
    """None: the team has no steps of its own, and the viewer may not set any."""
    own = Policy.objects.filter(applies_to=Policy.AppliesTo.PAGE, teams=team).order_by("position", "pk").first()
    if own is not None and viewer.has_perm("sla.view_policy"):
        return Steps(reverse("admin:sla_policy_change", args=[own.pk]), "Steps for this team's pages")
    if not viewer.has_perm("sla.add_policy"):
        return None
    asked = urlencode({"applies_to": Policy.AppliesTo.PAGE.value, "team": team.slug})
    return Steps(f"{reverse('admin:sla_policy_add')}?{asked}", "Other steps for this team's pages")
