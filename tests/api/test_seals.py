"""The seals through the API."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest

from apps.trail.seals import merkle
from tests.api.conftest import Bearer
from tests.trail.lamps import switched
from tests.trail.seals.sealing import seal, tampering

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def positions(now: datetime) -> list[int]:
    """Three seals over three events each."""
    made = []
    for first in (0, 3, 6):
        made += [entry.position for entry in switched(3, now=now, first=first)]
        seal(now=now)
    return made


@pytest.fixture
def client(bearing: Bearer) -> Any:
    return bearing("events")


def test_seals_are_listed_newest_first_by_cursor(client: Any, positions: list[int]) -> None:
    page = client.get("/api/v1/seals/", {"limit": 2}).json()
    rest = client.get("/api/v1/seals/", {"limit": 2, "before": page["next"]}).json()

    assert [one["number"] for one in page["results"]] == [3, 2]
    assert [one["number"] for one in rest["results"]] == [1]
    assert rest["next"] is None
    assert page["results"][0]["previous"] == page["results"][1]["hash"]


def test_one_seal_and_the_newest(client: Any, positions: list[int]) -> None:
    second = client.get("/api/v1/seals/2/").json()
    newest = client.get("/api/v1/seals/head/").json()

    assert (second["number"], second["count"], newest["number"]) == (2, 3, 3)
    assert newest["head"] == f"seal 3 {newest['hash']}"
    assert second["made_at"] == "2026-03-18T09:00:00Z"


def test_what_is_not_there_is_not_found(client: Any) -> None:
    assert client.get("/api/v1/seals/head/").status_code == 404
    assert client.get("/api/v1/seals/1/").status_code == 404
    assert client.get("/api/v1/seals/1/proof/?event=1").status_code == 404
    assert client.get("/api/v1/seals/").json() == {"results": [], "next": None}


def test_a_proof_leads_from_the_event_to_the_root(client: Any, positions: list[int]) -> None:
    root = client.get("/api/v1/seals/2/").json()["root"]

    for index, position in enumerate(positions[3:6]):
        proof = client.get("/api/v1/seals/2/proof/", {"event": position}).json()
        leaf = sha256(b"\x00" + proof["document"].encode()).digest()
        path = [bytes.fromhex(one) for one in proof["path"]]
        assert (proof["index"], leaf.hex()) == (index, proof["leaf"])
        proven = merkle.proven(leaf, proof["index"], proof["count"], path)
        assert proven is not None
        assert proven.hex() == root == proof["root"]


def test_an_altered_event_no_longer_comes_to_its_leaf(client: Any, positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_storedevent SET type = 'X' WHERE position = %s", [positions[4]])

    proof = client.get("/api/v1/seals/2/proof/", {"event": positions[4]}).json()

    assert sha256(b"\x00" + proof["document"].encode()).hexdigest() != proof["leaf"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("2/proof/", 400),
        ("2/proof/?event=x", 400),
        ("2/proof/?event=99999999", 404),
        ("?before=0", 400),
        ("?limit=1000", 400),
        ("?page=2", 400),
        ("x/", 404),
    ],
)
def test_what_is_asked_wrongly_is_refused(client: Any, positions: list[int], address: str, status: int) -> None:
    assert client.get(f"/api/v1/seals/{address}").status_code == status


def test_nothing_can_be_changed(client: Any, positions: list[int]) -> None:
    assert client.post("/api/v1/seals/", {}).status_code == 405
    assert client.delete("/api/v1/seals/1/").status_code == 405


def test_the_scope_read_does_not_open_it(bearing: Bearer) -> None:
    assert bearing("read").get("/api/v1/seals/").status_code == 403


def test_where_what_a_seal_kept_was_cut_off_there_is_no_proof(client: Any, positions: list[int]) -> None:
    with tampering() as cursor:
        cursor.execute("UPDATE trail_seal SET leaves = '\\x00' WHERE number = 2")

    assert client.get("/api/v1/seals/2/proof/", {"event": positions[3]}).status_code == 404
