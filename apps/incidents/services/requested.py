"""Incidents that requests for help ask for: of L1 and L2 each has one (Mattermost SET handbook)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.incidents.models import Incident, Severity
from apps.incidents.services.changing import change
from apps.incidents.services.declaring import declare
from apps.incidents.services.texts import LONGEST_TEXT, LONGEST_TITLE
from apps.people.acting import Acting
from apps.people.models import Agent
from apps.rfhs.confidential import private_of
from apps.rfhs.models import RFH
from apps.rfhs.privacy import redact
from apps.rfhs.selectors import RELATED
from apps.rfhs.services import change as change_request

# An outage may leave some; the next run goes on.
AT_ONCE = 100


def unanswered() -> list[RFH]:
    """Open requests that need an incident, and had none since they do: the oldest need first."""
    since = Q(closed_at=None) | Q(closed_at__gte=OuterRef("incident_needed_at"))
    linked = Incident.objects.filter(since, rfhs=OuterRef("pk"))
    rows = RFH.objects.filter(incident_needed_at__isnull=False, ended_at=None).exclude(Exists(linked))
    waiting = rows.select_related(*RELATED).order_by("incident_needed_at", "pk")
    return [rfh for rfh in waiting if not _had(rfh)][:AT_ONCE]


@transaction.atomic
def answer_request(rfh: RFH, *, by: Acting, now: datetime) -> Incident | None:
    """The incident made for a request that needs one; None where it has one, or needs none any more.

    Nothing of it is public: its title says nothing of the customer, so that whoever publishes it tells nobody by
    accident. One that somebody closed or called invalid since is answer enough; a need that comes again after that
    gets another.
    """
    RFH.objects.select_for_update(no_key=True).only("pk").get(pk=rfh.pk)
    row = RFH.objects.select_related(*RELATED).get(pk=rfh.pk)
    if row.incident_needed_at is None or row.is_over or _had(row):
        return None
    key = f"rfh:{row.pk}"
    before = _made_for(row).count()
    incident, fresh = declare(
        title=title_of(row),
        description=_description(row),
        severity=_severity(row.level),
        rfhs=[row],
        tickets=[row.ticket] if row.ticket else [],
        point=_here(row.owner),
        contact=_here(row.accountable),
        reported_at=row.incident_needed_at,
        published=False,
        source=Incident.Source.RFH,
        source_key=f"{key}:{before + 1}" if before else key,
        by=by,
        now=now,
    )
    return incident if fresh else None


def follow_request(rfh: RFH, *, by: Acting, now: datetime, level: tuple[str, str] | None = None) -> None:
    """What was not known when its incident was made is filled in; what somebody said of the incident stays.

    `level`: the request's until now, and from now on.
    """
    for incident in _made_for(rfh).filter(closed_at=None).select_related("point", "contact"):
        changes: dict[str, Any] = {}
        if incident.point is None and _here(rfh.owner):
            changes["point"] = rfh.owner
        if incident.contact is None and _here(rfh.accountable):
            changes["contact"] = rfh.accountable
        if incident.title == _without_summary(rfh) and rfh.summary:
            changes["title"] = title_of(rfh)
        if level == ("L2", "L1") and incident.level == "L2":
            # Worse is worse at once; that it is better somebody decides.
            changes["severity"] = _severity("L1")
        if changes:
            # Who writes of a request decides nothing on what the public reads.
            change(incident, changes, by=by, now=now, decided=False)


def hold_requests(incident: Incident, also: Sequence[RFH] = ()) -> None:
    """Those it is about, and these, are held to the end of this transaction: before the incident is.

    Who writes of a request holds that, and then the incidents made for it: no two orders in which to wait.
    """
    about = Incident.objects.filter(pk=incident.pk).values("rfhs")
    wanted = Q(pk__in=about) | Q(pk__in=[each.pk for each in also])
    list(RFH.objects.select_for_update().filter(wanted).order_by("pk").values_list("pk", flat=True))


def tell_the_channel(incident: Incident, *, by: Acting, now: datetime) -> None:
    """Its open requests say where it is handled, unless they say another place."""
    if not incident.slack_channel:
        return
    for rfh in incident.rfhs.filter(ended_at=None, incident_channel="").order_by("pk"):
        said: Mapping[str, Any] = {"incident_channel": incident.slack_channel}
        change_request(rfh, said, by=by, now=now)


def title_of(rfh: RFH) -> str:
    """What the request is about, without a word of whose it is."""
    said = " ".join(redact(rfh.summary, private_of(rfh)).split()) if rfh.summary else ""
    return said[:LONGEST_TITLE] or _without_summary(rfh)


def _severity(level: str) -> str:
    """What stands for the level; where a manager's table has none, for the next worse: no request waits for a table."""
    found = Severity.objects.filter(level__lte=level).order_by("-level", "severity").first()
    return found.severity if found else "sev-1"


def _without_summary(rfh: RFH) -> str:
    return f"What {rfh} is about"


def _description(rfh: RFH) -> str:
    said = f"{rfh} asks for it: {rfh.summary}\n\n{rfh.description}".strip()
    return said if len(said) <= LONGEST_TEXT else f"{said[: LONGEST_TEXT - 1]}…"


def _made_for(rfh: RFH) -> QuerySet[Incident]:
    return Incident.objects.filter(Q(source_key=f"rfh:{rfh.pk}") | Q(source_key__startswith=f"rfh:{rfh.pk}:"))


def _had(rfh: RFH) -> bool:
    """Whether an incident was open for it since it needs one: linked to it, or made for it and unlinked again."""
    since = Q(closed_at=None) | Q(closed_at__gte=rfh.incident_needed_at)
    return rfh.incidents.filter(since).exists() or _made_for(rfh).filter(since).exists()


def _here(agent: Agent | None) -> Agent | None:
    return agent if agent is not None and agent.is_active else None
