"""Keys: made once, stored hashed, refused when revoked or expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.api import keys, services
from apps.api.errors import AlreadyRevoked, BadKey
from apps.api.models import ApiKey
from apps.people.models import Agent
from apps.trail.models import StoredEvent
from tests import make

pytestmark = pytest.mark.django_db


def bearer(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def a_key(**fields: Any) -> tuple[ApiKey, str]:
    return services.create_key(**{"name": "CI", "scopes": ["read"], "now": timezone.now(), **fields})


def test_only_the_hash_of_a_key_is_stored() -> None:
    api_key, secret = a_key()

    assert api_key.hashed_key == keys.hashed(secret)
    assert secret not in str(ApiKey.objects.values().get())
    assert secret.startswith(api_key.prefix)


def test_two_keys_are_never_the_same() -> None:
    assert len({keys.generate() for _ in range(100)}) == 100


def test_a_key_opens_the_api() -> None:
    _, secret = a_key()

    assert bearer(secret).get("/api/v1/plans/").status_code == 200


def test_a_request_without_a_key_is_challenged() -> None:
    response = APIClient().get("/api/v1/plans/")

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"


def test_a_wrong_key_is_refused() -> None:
    response = bearer("so_wrong").get("/api/v1/plans/")

    assert response.status_code == 401
    assert response.json()["detail"] == "This key is not known."


def test_a_key_is_not_accepted_under_another_scheme() -> None:
    _, secret = a_key()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")

    assert client.get("/api/v1/plans/").status_code == 401


def test_a_revoked_key_is_refused() -> None:
    api_key, secret = a_key()
    services.revoke_key(api_key, now=timezone.now())

    response = bearer(secret).get("/api/v1/plans/")

    assert response.status_code == 401
    assert response.json()["detail"] == "This key was revoked."


def test_a_key_is_revoked_once() -> None:
    api_key, _ = a_key()
    services.revoke_key(api_key, now=timezone.now())

    with pytest.raises(AlreadyRevoked):
        services.revoke_key(api_key, now=timezone.now())


def test_an_expired_key_is_refused() -> None:
    _, secret = a_key(now=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1))

    response = bearer(secret).get("/api/v1/plans/")

    assert response.status_code == 401
    assert response.json()["detail"] == "This key has expired."


@pytest.mark.parametrize(
    "fields",
    [
        {"name": " "},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_at": make.NOW},
        {"expires_at": datetime.max.replace(tzinfo=UTC)},
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(fields: dict[str, Any]) -> None:
    with pytest.raises(BadKey):
        a_key(**fields)


def test_the_last_use_is_known() -> None:
    api_key, secret = a_key()

    bearer(secret).get("/api/v1/plans/")

    api_key.refresh_from_db()
    assert api_key.last_used_at is not None


def test_the_last_use_is_written_at_most_once_a_minute(now: datetime) -> None:
    api_key, _ = a_key(now=now)
    seen = []

    for seconds in (0, 59, 60):
        services.key_used(ApiKey.objects.get(pk=api_key.pk), now=now + timedelta(seconds=seconds))
        seen.append(ApiKey.objects.get(pk=api_key.pk).last_used_at)

    assert seen == [now, now, now + timedelta(seconds=60)]


def used(api_key: ApiKey) -> list[datetime]:
    events = StoredEvent.objects.filter(type="ApiKeyUsed", links__stream=f"apikey:{api_key.pk}").order_by("position")
    return [event.occurred_at for event in events]


def test_the_first_use_of_a_day_is_told_by_utc(now: datetime) -> None:
    api_key, _ = a_key(now=now)
    midnight = now.replace(hour=0) + timedelta(days=1)
    second = timedelta(seconds=1)

    for at in (now, now + 2 * second, now + timedelta(hours=8), midnight - second, midnight, midnight + second):
        services.key_used(ApiKey.objects.get(pk=api_key.pk), now=at)

    assert used(api_key) == [now, midnight]


def test_the_first_use_of_a_day_is_the_keys_own_doing() -> None:
    api_key, secret = a_key()

    for _ in range(3):
        bearer(secret).get("/api/v1/plans/")

    event = StoredEvent.objects.get(type="ApiKeyUsed")
    assert (event.actor_kind, event.actor_id, event.actor_label) == ("integration", str(api_key.pk), "CI")
    assert event.metadata["path"] == "/api/v1/plans/"
    assert event.sentence == f"The API key “CI” ({api_key.prefix}…) was used for the first time on this day"


def test_a_key_that_opens_nothing_is_not_used() -> None:
    api_key, secret = a_key()
    services.revoke_key(api_key, now=timezone.now())

    bearer(secret).get("/api/v1/plans/")

    assert used(api_key) == []


@pytest.mark.django_db(transaction=True)
def test_of_processes_that_see_a_key_first_at_once_one_tells(now: datetime) -> None:
    api_key, _ = a_key(now=now)
    fresh = [ApiKey.objects.get(pk=api_key.pk) for _ in range(2)]

    def use(key: ApiKey) -> None:
        services.key_used(key, now=now)
        connection.close()

    second = Thread(target=use, args=[fresh[1]])
    with transaction.atomic():
        services.key_used(fresh[0], now=now)
        second.start()
        make.until_somebody_waits()
    second.join()

    assert used(api_key) == [now]


def test_making_and_revoking_a_key_are_events_without_the_key() -> None:
    api_key, secret = a_key()
    services.revoke_key(api_key, now=timezone.now())

    events = StoredEvent.objects.filter(links__stream=f"apikey:{api_key.pk}").order_by("position")
    assert [event.type for event in events] == ["ApiKeyCreated", "ApiKeyRevoked"]
    assert all(secret not in str(event.payload) and event.sentence for event in events)
    assert api_key.hashed_key not in str([event.payload for event in events])


def test_the_key_is_the_actor_of_what_it_does() -> None:
    api_key, secret = a_key(scopes=["config"])

    bearer(secret).post("/api/v1/plans/", {"slug": "pro", "name": "Pro"})

    event = StoredEvent.objects.get(type="ObjectCreated")
    assert (event.actor_kind, event.actor_id, event.actor_label) == ("integration", str(api_key.pk), "CI")


def test_nobody_acts_for_the_key_after_its_request() -> None:
    _, secret = a_key(scopes=["config"])
    bearer(secret).get("/api/v1/plans/")

    other, _ = a_key(name="other")

    event = StoredEvent.objects.get(type="ApiKeyCreated", payload__api_key=other.pk)
    assert event.actor_kind == "system"


def test_the_command_prints_the_key_alone_on_stdout() -> None:
    out, err = StringIO(), StringIO()

    call_command("create_api_key", "--name=CI", "--scope=read", "--scope=tickets", stdout=out, stderr=err)

    secret = out.getvalue().removesuffix("\n")
    api_key = ApiKey.objects.get()
    assert api_key.hashed_key == keys.hashed(secret)
    assert api_key.scopes == ["read", "tickets"]
    assert secret not in err.getvalue()
    assert "not shown again" in err.getvalue()
    assert StoredEvent.objects.get(type="ApiKeyCreated").actor_kind == "console"


def test_the_command_takes_the_day_a_key_expires() -> None:
    call_command(
        "create_api_key", "--name=CI", "--scope=read", "--expires=2199-01-01", stdout=StringIO(), stderr=StringIO()
    )

    expires_at = ApiKey.objects.get().expires_at
    assert expires_at is not None
    assert expires_at.isoformat() == "2199-01-01T00:00:00+00:00"


@pytest.mark.parametrize("wrong", ["--scope=all", "--expires=tomorrow", "--expires=2020-01-01", "--name="])
def test_the_command_refuses_what_makes_no_sense(wrong: str) -> None:
    with pytest.raises(CommandError):
        call_command("create_api_key", "--name=CI", "--scope=read", wrong, stdout=StringIO(), stderr=StringIO())


@pytest.fixture
def superuser(client: Client) -> Client:
    browser = Client()
    browser.force_login(Agent.objects.create_superuser("root@example.com", "root"))
    return browser


def test_the_admin_shows_a_new_key_once(superuser: Client) -> None:
    before = set(ApiKey.objects.values_list("pk", flat=True))
    page = superuser.post("/admin/api/apikey/add/", {"name": "Zendesk", "scopes": ["tickets", "read"]})

    made = ApiKey.objects.exclude(pk__in=before).get()
    text = page.content.decode()
    secret = text.split('<code id="key" class="portal-wrap">')[1].split("</code>")[0]
    assert keys.hashed(secret) == made.hashed_key
    assert "no-store" in page["Cache-Control"]
    assert made.created_by is not None
    again = superuser.get(f"/admin/api/apikey/{made.pk}/change/").content.decode()
    assert secret not in again
    assert made.hashed_key not in again


def test_the_admin_revokes_a_key_when_confirmed(superuser: Client) -> None:
    api_key, _ = a_key()
    url = f"/admin/api/apikey/{api_key.pk}/revoke/"

    asked = superuser.get(url)
    api_key.refresh_from_db()
    assert asked.status_code == 200
    assert api_key.revoked_at is None

    answer = superuser.post(url, {"_form_submitted": "on"})
    api_key.refresh_from_db()
    assert api_key.revoked_at is not None
    # Without the dialog's script too one lands on the key's page.
    assert answer["Location"] == f"/admin/api/apikey/{api_key.pk}/change/"


def test_the_admin_lists_keys_and_their_state(superuser: Client) -> None:
    api_key, _ = a_key()
    services.revoke_key(api_key, now=timezone.now())

    page = superuser.get("/admin/api/apikey/").content.decode()

    assert api_key.prefix in page
    assert "revoked" in page


@pytest.mark.parametrize("path", ["", "add/"])
def test_keys_are_for_superusers_alone(path: str) -> None:
    browser = Client()
    browser.force_login(make.agent("Ana", is_staff=True))

    assert browser.get(f"/admin/api/apikey/{path}").status_code == 403
