"""Filing in public through the API: what is refused says where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from apps.rfhs.models import Issue
from tests import make
from tests.api.conftest import bearing

__all__ = ["bearing"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("published", [False, True])
def test_a_public_text_that_tells_of_the_customer_is_422_with_its_places(
    bearing: Any, now: datetime, published: bool
) -> None:
    client = bearing("rfhs")
    make.heard(make.team("delivery"))
    about = {"customer": make.customer("hooli").slug, "kind": "defect", "affects_several": True}
    rfh = client.post("/api/v1/rfhs/", {"summary": "Exports of H\u043eoli fail", **about}).json()
    at, filing = f"/api/v1/rfhs/{rfh['id']}/", {"team": "delivery", "wait": 0}
    if published:
        assert client.post(f"{at}file/", {**filing, "tracker": "private"}).status_code == 202
        asked: tuple[str, dict[str, Any]] = (f"{at}publish/", {})
    else:
        asked = (f"{at}file/", {**filing, "tracker": "public"})

    refused = client.post(*asked)
    taken = client.post(asked[0], {**asked[1], "title": "Exports fail"})

    assert (refused.status_code, taken.status_code) == (422, 200 if published else 202)
    [place] = refused.json()["places"]
    assert (place["field"], place["start"], place["end"], place["text"]) == ("summary", 11, 16, "H\u043eoli")
    assert Issue.objects.get(tracker="public").title == "Exports fail"
