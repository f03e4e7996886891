"""A link by which one person acknowledges one page: signed, theirs alone, and good for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

SALT = "pages.acknowledge"
GOOD_FOR = timedelta(days=7)


class BadLink(ValueError):
    """The link is not one of ours, or too old; the message says so."""


@dataclass(frozen=True)
class Invited:
    """Whom the link is for."""

    page: int
    agent: int


def path(page: int, agent: int) -> str:
    """The link's address, without the host."""
    return reverse("page_take", args=[signing.dumps([page, agent], salt=SALT, compress=False)])


def read(token: str) -> Invited:
    """Whom the link is for. Raises BadLink."""
    try:
        page, agent = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired as error:
        raise BadLink("This link is older than a week, and no longer good.") from error
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadLink("This link is incomplete, or not one of ours.") from error
    return Invited(int(page), int(agent))
