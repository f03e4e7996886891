"""The demo's table of which team answers what, with teams that can be reached, and one that cannot yet."""

from __future__ import annotations

from datetime import datetime

from apps.people import services as people
from apps.people.models import Team, UserGroup
from apps.rfhs import services as rfhs
from apps.rfhs.models import NamedOwner
from apps.rfhs.routing.reading import SHIPPED, read
from apps.trail.managed import saving

CHANNELS = (
    ("C0REPOS", "repo-management"),
    ("C0SEARCH", "search"),
    ("C0CLOUDSAAS", "cloud-saas"),
    ("C0CE", "ce"),
)
# Of the teams whose channels the table does not name. BizOps has none: what it lacks is asked for before filing.
OF_TEAMS = (
    ("delivery", "C0DELIVERY", "delivery"),
    ("distribution", "C0DISTRIBUTION", "distribution"),
    ("code-intelligence", "C0CODEINTEL", "code-intelligence"),
    ("extensibility", "C0EXTENSIBILITY", "extensibility"),
    ("batch-changes", "C0BATCHES", "batch-changes"),
)
GROUPS = (
    ("S0DISTRIBUTION", "distribution-support"),
    ("S0COREAPP", "core-app-support"),
    ("S0SEARCHCORE", "search-core-support"),
    ("S0SEARCHPRODUCT", "search-product-support"),
    ("S0BATCHERS", "batchers-support"),
    ("S0CLOUDSAAS", "cloud-saas"),
)
OWNERS = (
    ("alert", "zoekt: indexed search request errors", "search"),
    ("alert", "gitserver: disk space remaining", "repository-management"),
    ("dashboard", "Precise code intelligence uploads", "code-intelligence"),
)


def load(now: datetime) -> None:
    """Areas, their teams, channels and handles; what is there already stays as it is."""
    for slack_id, name in CHANNELS:
        people.channel(slack_id, name, now=now)
    for slack_id, handle in GROUPS:
        if not UserGroup.objects.filter(slack_id=slack_id).exists():
            people.know_user_group(slack_id, handle=handle, name=handle, member_ids=[], now=now)
    rfhs.load_table(read(SHIPPED.read_text(encoding="utf-8")), now=now)
    for slug, slack_id, name in OF_TEAMS:
        people.channel(slack_id, name, now=now)
        team = Team.objects.filter(slug=slug, channel=None).first()
        if team is not None:
            people.save_team(team, channel=slack_id, now=now)
    for kind, name, slug in OWNERS:
        if not NamedOwner.objects.filter(kind=kind, name=name).exists():
            owner = NamedOwner(kind=kind, name=name, team=Team.objects.get(slug=slug))
            with saving(owner, now=now):
                owner.save()
