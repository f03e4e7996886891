"""Issues and comments as GitHub writes them, in its answers and in its webhooks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apps.rfhs.tracker import Remark, TrackedIssue


class Misread(ValueError):
    """It is not what GitHub's reference describes."""


def issue(item: Any, repository: str) -> TrackedIssue:
    """The issue. Raises Misread, for a pull request too: GitHub lists both as issues."""
    try:
        if item.get("pull_request"):
            raise Misread("it is a pull request")
        return TrackedIssue(
            repository=repository,
            number=_number(item["number"]),
            url=str(item["html_url"]),
            title=_text(item["title"]),
            state="closed" if item["state"] == "closed" else "open",
            body=_text(item.get("body")),
            labels=tuple(_label(each) for each in item.get("labels") or ()),
            created_at=instant(item["created_at"]),
            updated_at=instant(item["updated_at"]),
            closed_by=login(item.get("closed_by")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise Misread(str(error))


def remark(item: Any, repository: str, number: int | None = None) -> Remark:
    """The comment; its issue's number is read from its address unless it is given. Raises Misread."""
    try:
        of = number if number is not None else _number(int(str(item["issue_url"]).rpartition("/")[2]))
        return Remark(
            id=str(_number(item["id"])),
            repository=repository,
            number=of,
            url=str(item["html_url"]),
            by=login(item.get("user")),
            text=_text(item.get("body")),
            at=instant(item["created_at"]),
            updated_at=instant(item["updated_at"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Misread(str(error))


def login(user: Any) -> str:
    """Somebody's name at GitHub; an account that was deleted has none."""
    return str(user.get("login") or "") if isinstance(user, Mapping) else ""


def instant(value: Any) -> datetime:
    """The aware instant in UTC. Raises Misread."""
    try:
        read = datetime.fromisoformat(value)
        if read.tzinfo is None:
            raise Misread("a time without its zone")
        return read.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Misread(str(error))


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise Misread("no number")
    return value


def _text(value: Any) -> str:
    # PostgreSQL stores neither; both are legal in JSON.
    return str(value or "").replace("\x00", "").encode(errors="ignore").decode()


def _label(value: Any) -> str:
    return str(value["name"]) if isinstance(value, Mapping) else str(value)
