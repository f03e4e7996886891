"""The history as a feed, read by a program that nobody here wrote."""

from __future__ import annotations

import feedparser
import pytest

from apps.incidents import services
from apps.statuspage.feed import DOCUMENTS
from apps.statuspage.visible import snapshot
from tests import make
from tests.make import MINUTE, NOW

pytestmark = pytest.mark.django_db


def history() -> bytes:
    return DOCUMENTS[0].build(snapshot(at=NOW), True)


def test_feedparser_reads_the_history_newest_change_first() -> None:
    made = make.incident(public_text="We **look** into it & more.", internal_note="canary")
    make.incident("Later", public_text="Slow.", now=NOW + MINUTE)
    make.incident("For us alone")
    services.post_update(made, by=make.acting(), now=NOW + 2 * MINUTE, status="identified", public_text="Found.")

    found = feedparser.parse(history())

    assert not found.bozo
    assert found.feed.title == "SupportOps status"
    assert [entry.title for entry in found.entries] == ["Login is down", "Later"]
    first = found.entries[0]
    assert first.updated_parsed[:5] == (2026, 3, 18, 9, 2)
    assert first.link.endswith(f"/status/incidents/{made.public_id}/")
    said = first.content[0].value
    assert said.index("Found.") < said.index("<strong>look</strong>")
    assert "canary" not in said


def test_it_changes_only_when_something_did() -> None:
    make.incident(public_text="We look.")

    assert history() == history()


def test_a_page_on_which_nothing_happened_has_a_feed() -> None:
    found = feedparser.parse(history())

    assert not found.bozo
    assert not found.entries
