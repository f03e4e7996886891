"""Requests for help, their issues and files, and the table that says whose they are."""

from apps.rfhs.models.attachments import AnsweredHere, AttachedEvent, Attachment
from apps.rfhs.models.issues import Issue, IssueComment, Note, TrackedRepository
from apps.rfhs.models.rfh import RFH
from apps.rfhs.models.routing import Area, Desk, NamedOwner, RoutingException, SubTeam

__all__ = [
    "RFH",
    "AnsweredHere",
    "Area",
    "AttachedEvent",
    "Attachment",
    "Desk",
    "Issue",
    "IssueComment",
    "NamedOwner",
    "Note",
    "RoutingException",
    "SubTeam",
    "TrackedRepository",
]
