"""The history as an Atom feed: the newest incidents and maintenance, each an entry that grows with its updates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape
from typing import Any

from django.utils.feedgenerator import Atom1Feed

from apps.statuspage.documents import Document
from apps.statuspage.markdown import render
from apps.statuspage.snapshot import PublicIncident, PublicMaintenance, PublicUpdate, Snapshot
from apps.statuspage.wording import body_of

NEWEST = 50
PATH = "/history.atom"
# What no XML can hold, typed or as `&#12;`: Django refuses to write it, and there would be no feed.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class History(Atom1Feed):
    """Atom whose bytes change only when what the public may know does."""

    def latest_post_date(self) -> datetime:
        """The last public change; the feed of a page on which nothing ever happened says so, not the present."""
        changed: datetime = self.feed["changed"]
        return changed

    def add_item_elements(self, handler: Any, item: Any) -> None:
        """The whole story is the entry's content, not a summary of one."""
        super().add_item_elements(handler, {**item, "description": None})
        handler.addQuickElement("content", item["description"], {"type": "html"})


def _feed(snapshot: Snapshot, current: bool) -> bytes:
    page = snapshot.page
    feed = History(
        title=f"{page.name} status",
        link=page.home,
        description=f"What happened at {page.name}",
        feed_url=f"{page.url}{PATH}",
        changed=snapshot.updated_at,
    )
    happened: list[PublicIncident | PublicMaintenance] = [*snapshot.incidents, *snapshot.maintenances]
    for each in sorted(happened, key=lambda each: each.updated_at, reverse=True)[:NEWEST]:
        planned = isinstance(each, PublicMaintenance)
        address = page.maintenance(each.id) if planned else page.incident(each.id)
        feed.add_item(
            title=NOT_XML.sub("", each.title),
            link=address,
            # The title may change; what it is about does not.
            unique_id=f"{page.home}#{each.id}",
            unique_id_is_permalink=False,
            description=NOT_XML.sub("", "".join(_update(update) for update in each.updates)),
            pubdate=each.created_at,
            updateddate=each.updated_at,
            author_name=page.name,
        )
    return str(feed.writeString("utf-8")).encode()


def _update(update: PublicUpdate) -> str:
    at = update.at.astimezone(UTC)
    words = escape(update.status.replace("_", " ").capitalize())
    return f"<p><strong>{words}</strong>, <time>{at:%-d %B %Y, %H:%M} UTC</time></p>{render(body_of(update))}"


DOCUMENTS = (Document(PATH, "application/atom+xml; charset=utf-8", _feed),)
