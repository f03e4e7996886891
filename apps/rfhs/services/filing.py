"""What the issue of a request holds, and where it goes: privately when in doubt, publicly once the check lets it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.people.acting import Acting
from apps.people.models import Team
from apps.rfhs import issue_text
from apps.rfhs.confidential import private_of
from apps.rfhs.errors import BadRFH, PrivateText
from apps.rfhs.events import RFHPublished
from apps.rfhs.issue_text import LONGEST_BODY, LONGEST_TITLE, Asked, Link, Section
from apps.rfhs.models import RFH, Area, Issue
from apps.rfhs.privacy import Check, Place, redact
from apps.rfhs.services import issues
from apps.rfhs.services.writing import locked, record, refresh, told, write
from apps.rfhs.states import WITH_SUPPORT
from apps.trail.later import enqueue
from apps.trail.models import StoredEvent

Tracker = Issue.Tracker
# GitHub's own limit.
LONGEST_LABEL = 50


@dataclass(frozen=True)
class Preview:
    """An issue before there is one. `places` is what keeps it from being public, field by field.

    `proposed_title` and `proposed_body` say the same with neutral words; a person reads and changes them.
    """

    tracker: str
    repository: str
    title: str
    body: str
    labels: list[str]
    places: list[Place] = field(default_factory=list)
    proposed_title: str = ""
    proposed_body: str = ""


def suggested_tracker(rfh: RFH) -> str:
    """Public for a defect that affects several customers, private for everything else and when in doubt."""
    return str(Tracker.PUBLIC if rfh.kind == RFH.Kind.DEFECT and rfh.affects_several else Tracker.PRIVATE)


def preview(
    rfh: RFH,
    *,
    tracker: str = "",
    team: Team | None = None,
    area: Area | None = None,
    sub_team: str = "",
    title: str = "",
    body: str = "",
) -> Preview:
    """What would be filed, without filing it. A `title` or `body` that a person wrote takes the template's place."""
    tracker = tracker or suggested_tracker(rfh)
    asked = asked_of(rfh, team=team)
    made_title, made_body = _texts(asked, tracker, title, body)
    labels = labels_for(rfh, tracker, team=team, area=area, sub_team=sub_team)
    made = Preview(tracker, issues.repositories().get(tracker, ""), made_title, made_body, labels)
    if tracker != Tracker.PUBLIC:
        return made
    private = private_of(rfh)
    return Preview(
        made.tracker,
        made.repository,
        made.title,
        made.body,
        made.labels,
        _places(rfh, asked, made_title, made_body, by_hand=bool(title or body)),
        redact(made_title, private),
        redact(made_body, private),
    )


def want_issue(
    row: RFH, *, tracker: str, by: Acting, now: datetime, title: str = "", body: str = "", reference: str = ""
) -> Issue:
    """The request that is being filed wants its issue, made or linked (`reference`), in this very transaction.

    One that was linked before stays the one. Raises BadRFH, and PrivateText with the places when the public would read
    what is the customer's.
    """
    if reference:
        issue = issues.link(row, reference, by=by, now=now)
    else:
        issue = Issue.objects.filter(rfh=row).exclude(number=None).first() or Issue(rfh=row, tracker=tracker)
    linked = issue.number is not None
    if not linked:
        _must_be_fit_for(row, tracker)
    asked = asked_of(row)
    made_title, made_body = _texts(asked, issue.tracker, title, body)
    if issue.tracker == Tracker.PUBLIC:
        # What is linked has its own words, and ours are not said there.
        if linked:
            return issue
        _must_tell_nothing(row, asked, made_title, made_body, by_hand=bool(title or body))
    issue.title, issue.body, issue.labels = issue.title or made_title, made_body, labels_for(row, issue.tracker)
    issue.save()
    if issue.is_there:
        issues.say(issue, made_body, now=now)
    return issue


@transaction.atomic
def publish(
    rfh: RFH,
    *,
    by: Acting,
    now: datetime,
    title: str = "",
    body: str = "",
    affects_several: bool = False,
    version: int | None = None,
) -> Issue:
    """A public twin of the private issue is wanted: the same defect, without the customer.

    A public issue that could not be made is wanted in these words instead.
    Without `title` and `body` it says what the template would, which the check may refuse: `preview` proposes words.
    Raises BadRFH, ChangedMeanwhile, PrivateText.
    """
    row = locked(rfh, version)
    if row.at in WITH_SUPPORT or row.filed_at is None:
        raise BadRFH("tracker", f"{row} is not filed yet: file it in the public tracker, or privately first.")
    private = Issue.objects.filter(rfh=row, tracker=Tracker.PRIVATE).first()
    twin = Issue.objects.filter(rfh=row, tracker=Tracker.PUBLIC).first()
    if private is None and twin is None:
        raise BadRFH("tracker", f"{row} has no private issue that could have a public twin.")
    if twin is not None and not twin.can_be_reworded:
        raise BadRFH("tracker", f"{row} has its public issue already.")
    row.affects_several = row.affects_several or affects_several
    _must_be_fit_for(row, Tracker.PUBLIC)
    asked = asked_of(row)
    made_title, made_body = _texts(asked, Tracker.PUBLIC, title, body)
    _must_tell_nothing(row, asked, made_title, made_body, by_hand=bool(title or body))
    twin = twin or Issue(rfh=row, tracker=Tracker.PUBLIC, twin_of=private)
    twin.making, twin.next_at, twin.error = Issue.Making.WANTED, None, ""
    twin.title, twin.labels = made_title, labels_for(row, Tracker.PUBLIC)
    twin.body = f"{made_body}\n\n{_seen_by_us(private)}" if private and private.is_there else made_body
    twin.save()
    write(row, {"affects_several": True})
    event = RFHPublished(
        **told(row, by),
        team=row.team.slug if row.team else "",
        private_url=private.url if private else "",
        title=made_title,
    )
    record(row, event, now=now)
    enqueue(issues.MAKE)
    refresh(rfh, row)
    return twin


def tell_the_private_one(number: int, *, url: str, now: datetime) -> None:
    """The private issue of this request hears of its public twin, now that it is at `url`."""
    twin = (
        Issue.objects.filter(rfh=number, tracker=Tracker.PUBLIC).exclude(twin_of=None).select_related("twin_of").first()
    )
    if twin is not None and twin.twin_of is not None:
        issues.say(twin.twin_of, f"Published without what is private: {url}", now=now)


def labels_for(
    rfh: RFH, tracker: str, *, team: Team | None = None, area: Area | None = None, sub_team: str = ""
) -> list[str]:
    """`customer/$name` and `rfh` in the private tracker alone; the team's and the priority's in both."""
    team, area, sub_team = team or rfh.team, area or rfh.area, sub_team or rfh.sub_team
    found = []
    if tracker != Tracker.PUBLIC:
        found.append("rfh")
        if rfh.customer:
            found.append(f"customer/{rfh.customer.slug}")
    part = area.sub_teams.filter(name__iexact=sub_team).first() if area and sub_team else None
    if part and part.label:
        found.append(part.label)
    elif area and area.label and (team is None or area.team_id == team.pk):
        found.append(area.label)
    elif team:
        found.append(f"team/{team.slug}")
    found.append(f"cs/{rfh.priority}")
    return [label[:LONGEST_LABEL] for label in dict.fromkeys(found)]


def asked_of(rfh: RFH, *, team: Team | None = None) -> Asked:
    """The request as its issue tells it, with links to what lies in the portal."""
    home = f"{settings.BASE_URL}/admin/rfhs/rfh/{rfh.pk}/change/"
    ticket, customer, team = rfh.ticket, rfh.customer, team or rfh.team
    people = [f"accountable: {rfh.accountable}"] if rfh.accountable else []
    facts = [f"for {team}" if team else "", f"level {rfh.level}" if rfh.level else ""]
    if rfh.set_item and rfh.bug_class:
        facts.append(rfh.get_bug_class_display())
    return Asked(
        number=str(rfh),
        url=home,
        summary=rfh.summary,
        kind=rfh.get_kind_display(),
        priority=rfh.get_priority_display(),
        description=rfh.description,
        sections=tuple(
            Section(f"context.{each.name}", each.label, rfh.context.get(each.name, "")) for each in rfh.details
        ),
        missing=tuple(each.label for each in rfh.missing),
        timeline=rfh.timeline,
        priority_because=rfh.priority_because,
        files=tuple(
            Link(name, f"{settings.BASE_URL}/rfhs/{rfh.pk}/files/{pk}/", f"{kind}, {_size(size)}")
            for pk, name, kind, size in rfh.attachments.values_list("pk", "name", "content_type", "size")
        ),
        events=tuple(_events(rfh)),
        ticket=Link(f"{ticket}: {ticket.subject}" if ticket.subject else str(ticket), ticket.url) if ticket else None,
        customer=Link(customer.name, about=_customer_in_a_line(rfh)) if customer else None,
        documents=tuple(
            Link(label, url)
            for label, url in (
                ("Account document", customer.account_url),
                ("Deployment document", customer.deployment_url),
            )
            if url
        )
        if customer
        else (),
        people=(*people, f"asked by {rfh.asked_by}" if rfh.asked_by else ""),
        teammates=_of_teammates(rfh),
        facts=tuple(facts),
    )


def _of_teammates(rfh: RFH) -> str:
    if not rfh.skipped_teammates_because:
        return ""
    before = "Asked, and not waited for" if rfh.asked_teammates_at else "Not asked"
    return f"{before}: {rfh.skipped_teammates_because}"


def _events(rfh: RFH) -> list[Link]:
    attached = list(rfh.attached_events.values_list("event", "question"))
    known = {
        key: (position, kind)
        for key, position, kind in StoredEvent.objects.filter(
            event_id__in=[event for event, _ in attached]
        ).values_list("event_id", "position", "type")
    }
    found = []
    for event, question in attached:
        position, kind = known.get(UUID(str(event)), (None, f"event {event}"))
        url = f"{settings.BASE_URL}/trail/{position}/" if position else ""
        found.append(Link(kind, url, question or "Why did this happen?"))
    return found


def _customer_in_a_line(rfh: RFH) -> str:
    customer = rfh.customer
    assert customer is not None
    said = [f"plan {customer.plan}" if customer.plan else ""]
    if customer.stage == customer.Stage.PROSPECT:
        said.append("still in the sales process")
    if customer.account_manager:
        said.append(f"account manager {customer.account_manager}")
    return ", ".join(part for part in said if part)


def _texts(asked: Asked, tracker: str, title: str, body: str) -> tuple[str, str]:
    title, body = " ".join(title.replace("\x00", "").split()), body.replace("\x00", "").strip()
    for name, text, longest in (("title", title, LONGEST_TITLE), ("body", body, LONGEST_BODY)):
        if len(text) > longest:
            raise BadRFH(name, f"At most {longest:,} characters; these are {len(text):,}.")
    made = issue_text.public_body if tracker == Tracker.PUBLIC else issue_text.private_body
    return title or issue_text.title(asked), body or made(asked)


def _must_be_fit_for(row: RFH, tracker: str) -> None:
    if tracker not in Tracker.values:
        raise BadRFH("tracker", f"The tracker is private or public, not “{tracker[:40]}”.")
    if tracker == Tracker.PUBLIC and row.kind != RFH.Kind.DEFECT:
        raise BadRFH("tracker", "Only a defect goes to the public tracker; everything else is filed privately.")
    if tracker == Tracker.PUBLIC and not row.affects_several:
        raise BadRFH(
            "affects_several", "Public is for a defect that affects several customers: say so, or file it privately."
        )


def _must_tell_nothing(row: RFH, asked: Asked, title: str, body: str, *, by_hand: bool) -> None:
    if places := _places(row, asked, title, body, by_hand=by_hand):
        raise PrivateText(places)


def _places(row: RFH, asked: Asked, title: str, body: str, *, by_hand: bool) -> list[Place]:
    """Where the issue tells what is private: in what a person wrote for it, else in the request's own fields."""
    check = Check(private_of(row))
    whole = check.fields({"title": title, "body": body})
    if by_hand or not whole:
        return whole
    own = {"summary": asked.summary} | {each.name: each.text for each in issue_text.told_to_all(asked)}
    return check.fields(own) or whole


def read_by_all(issue: Issue) -> dict[str, str]:
    """What the public would read of the issue: all but the address of its private twin, which opens for us alone."""
    twin = issue.twin_of
    return {"title": issue.title, "body": issue.body.removesuffix(_seen_by_us(twin)) if twin else issue.body}


def _seen_by_us(private: Issue) -> str:
    # Sourcegraph: it is okay to link any relevant private, customer-specific issues.
    return f"For us: {private.url}"


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(size // 1000, 1)} kB"
