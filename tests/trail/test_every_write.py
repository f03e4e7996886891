"""No way of writing to a managed table without an event: every model of every app, by every way there is.

A new model fails here until somebody decided whether it is watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from apps.trail.models import StoredEvent
from apps.trail.outside import TRIGGER_NAMES
from tests.trail.rows import changed, row_of, unsaved

pytestmark = pytest.mark.django_db

# Nobody decides what is in these; why what happens there is no event.
UNWATCHED = {
    "admin.LogEntry": "Django's own log of the admin; the trail tells more, and tells it better",
    "auth.Permission": "made by migrating; who has which is watched",
    "contenttypes.ContentType": "made by migrating",
    "sessions.Session": "signing in and out is told by itself",
    "django_q.Task": "how a job went: written by the worker, and thrown away",
    "django_q.OrmQ": "the queue of jobs",
    "api.IdempotentRequest": "answers that are kept for a day",
    "escalations.Beat": "signs of life",
    "notices.Notice": "the outbox; what became of a message is told in the story it is about",
    "notices.Lane": "how fast each channel may be spoken to",
    "people.FailedSignIns": "counters that end by themselves; each burst is told by itself",
    "rfhs.IssueComment": "what we owe to say on an issue; that it was said is told in the request's story",
    "rfhs.TrackedRepository": "how far a repository was read, and whether it answers",
    "rotations.Coverage": "what was told of the days ahead, which is told by itself",
    "rotations.Served": "who was on duty, kept before every change; the changes are told",
    "rotations.Touched": "whom an override names, once more, so that the database keeps two from overlapping",
    "slack.Followed": "what Slack was told of who is on duty; each telling is an event",
    "slack.ChannelMembers": "who is in a channel, copied from Slack",
    "slack.IncidentRoom": "what Slack is to make; asking for it and what came of it are told by themselves",
    "slack.Invitation": "whom Slack was asked to take into a channel; each asking is an event",
    "slack.SlackEvent": "what Slack told us, as it came",
    "slack.SlackMessage": "what was seen in Slack; the ticket it became is told of",
    "statuspage.Rendering": "what the public reads, made anew from what is told",
    "statuspage.Edition": "which renderings are the newest",
    "statuspage.Subscriber": "who leaves is forgotten, which the trail cannot; their coming and going is told",
    "statuspage.Subscriber_components": "what a subscriber chose, which is told",
    "statuspage.Announcement": "what subscribers are told of what is told already",
    "statuspage.Delivery": "the outbox to subscribers",
    "statuspage.Mail": "what the demo keeps in the place of emails",
    "tickets.ReplySourceHealth": "whether the help desk answered just now",
    "trail.StoredEvent": "the trail itself: nobody may change it",
    "trail.Link": "the trail itself: nobody may change it",
    "trail.Epoch": "the trail itself: nobody may change it",
    "trail.Seal": "the trail's seals: nobody may change one",
    "trail.Follower": "how far a follower has read",
    "trail.Words": "what events are found by, made anew from them",
    "trail.MatchedEvent": "what a pattern's watch has told of",
}


def tables() -> list[type[models.Model]]:
    """Every table Django knows, those of relations too."""
    found = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    return [model for model in found if not model._meta.proxy]


WATCHED = [model for model in tables() if model._meta.label not in UNWATCHED]
each = pytest.mark.parametrize("model", WATCHED, ids=lambda model: model._meta.label)


def told() -> list[StoredEvent]:
    """What the commit would tell of now."""
    before = StoredEvent.objects.order_by("-position").first()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return list(StoredEvent.objects.filter(position__gt=before.position if before else 0).order_by("position"))


def test_every_table_is_watched_or_says_why_not() -> None:
    with connection.cursor() as cursor:
        # Always, also for a session that calls itself a replica.
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname LIKE 'trail_watch_%' AND tgenabled = 'A'"
        )
        triggers = set(cursor.fetchall())
    watched = {
        model._meta.label
        for model in tables()
        if all((model._meta.db_table, name) in triggers for name in TRIGGER_NAMES)
    }
    known = {model._meta.label for model in tables()}

    undecided = sorted(known - watched - UNWATCHED.keys())
    assert not undecided, (
        f"Nobody would know who changed {', '.join(undecided)} by SQL. Add WatchTable(…) of apps/trail/outside.py to a "
        "migration of its app; or, when nobody decides what is in there, say why in UNWATCHED of this test."
    )
    assert not watched & UNWATCHED.keys()
    assert not UNWATCHED.keys() - known, "A table that is no more needs no reason."


def save(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    row.save()


def update(row: Any, name: str, value: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**{name: value})


def bulk_update(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    type(row)._base_manager.bulk_update([row], [name])


def by_sql(row: Any, name: str, value: Any) -> None:
    setattr(row, name, value)
    field = row._meta.get_field(name)
    written = field.get_db_prep_save(getattr(row, field.attname), connection)
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE {row._meta.db_table} SET "{field.column}" = %s WHERE id = %s', [written, row.pk])


def delete(row: Any) -> None:
    row.delete()


def delete_many(row: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).delete()


def delete_by_sql(row: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.pk])


def only(events: Iterable[StoredEvent], row: Any, key: Any, op: str) -> StoredEvent:
    """The one event there is: of this row."""
    [event] = events
    payload = event.payload
    assert (event.type, payload["model"], payload["key"]) == ("ChangedOutside", row._meta.label_lower, str(key))
    assert payload["op"] == op
    assert event.about
    assert event.sentence
    return event


@each
@pytest.mark.parametrize("write", [save, update, bulk_update, by_sql])
def test_a_change_is_told_of_once(model: type[models.Model], write: Callable[..., None]) -> None:
    row = row_of(model)
    name, value = changed(model, row)
    told()

    write(row, name, value)

    event = only(told(), row, row.pk, "update")
    column = model._meta.get_field(name).column
    assert column in event.payload["before"]
    assert column in event.payload["after"]


@each
@pytest.mark.parametrize("many", [False, True], ids=["save", "bulk_create"])
def test_a_new_row_is_told_of_once(model: type[models.Model], many: bool) -> None:
    row = unsaved(model)
    told()

    if many:
        model._base_manager.bulk_create([row])
    else:
        row.save()

    only(told(), row, row.pk, "insert")


@each
@pytest.mark.parametrize("write", [delete, delete_many, delete_by_sql])
def test_an_end_is_told_of_once(model: type[models.Model], write: Callable[..., None]) -> None:
    row = row_of(model)
    key = row.pk
    told()

    write(row)

    assert only(told(), row, key, "delete").payload["before"]


@each
def test_a_save_of_nothing_is_not_told_of(model: type[models.Model]) -> None:
    row = row_of(model)
    told()

    row.save()

    assert told() == []


@each
def test_what_was_rolled_back_is_not_told_of(model: type[models.Model]) -> None:
    row = row_of(model)
    name, value = changed(model, row)
    told()

    with pytest.raises(RuntimeError), transaction.atomic():
        update(row, name, value)
        raise RuntimeError

    assert told() == []
