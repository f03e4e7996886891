"""Swaps in Slack: who is asked hears once, with buttons; how it ended is told to those whom it concerns."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from apps.notices.models import Notice
from apps.notices.outdated import drop_reasons
from apps.people.models import Agent
from apps.rotations import services
from apps.rotations.models import Rotation, SwapRequest
from apps.rotations.swapping.selectors import coming_shifts
from apps.trail.context import Actor, acting
from tests import make
from tests.slack.conftest import signing_secret  # noqa: F401
from tests.slack.inbound import answers, heard
from tests.standins import slack_payloads as payloads

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_secret")]
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> dict[str, Agent]:
    return {name.lower(): make.agent(name) for name in ("Ana", "Ben", "Cem", "Lea")}


@pytest.fixture
def rotation(cast: dict[str, Agent]) -> Rotation:
    """Ana, Ben and Cem take turns; Lea leads."""
    cast["lea"].user_permissions.add(Permission.objects.get(codename="change_rotation"))
    layer = make.layer(cast["ana"], cast["ben"], cast["cem"])
    return make.rotation(layer, team_of=make.team("set", *cast.values()), zone="UTC", now=timezone.now())


def ask(rotation: Rotation, cast: dict[str, Agent], *, to: str = "", by: str = "ana") -> SwapRequest:
    [(_, duty), *_] = coming_shifts(cast["ana"], now=timezone.now())
    with acting(actor=Actor("user", str(cast[by].pk), str(cast[by]))):
        return services.ask_to_swap(
            rotation, role=rotation.roles.get(), starts_at=duty.start, ends_at=duty.start + DAY, person=cast["ana"],
            to=cast.get(to), message="a <wedding>", by=cast[by], now=timezone.now(),
        )  # fmt: skip


def press(action: str, request: SwapRequest, user: str) -> None:
    heard(payloads.block_actions(action, user=user, channel="D1", message_ts="1.1", value=str(request.pk)))


def told() -> dict[str, str]:
    """What each person was told, by Slack id; nobody twice."""
    notices = list(Notice.objects.filter(kind=Notice.Kind.MESSAGE, channel__startswith="U"))
    assert len({notice.channel for notice in notices}) == len(notices)
    return {notice.channel: notice.text for notice in notices}


def test_everybody_who_could_take_it_is_asked_with_buttons(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)

    said = told()
    assert set(said) == {"UBEN", "UCEM"}
    assert "*Ana asks you to take a shift*\n*primary* in SET, <!date^" in said["UBEN"]
    assert "> a &lt;wedding&gt;" in said["UBEN"]
    [buttons] = [block for block in Notice.objects.get(channel="UBEN").blocks if block["type"] == "actions"]
    assert [(each["action_id"], each["value"]) for each in buttons["elements"]] == [
        ("swap_take", str(request.pk)), ("swap_decline", str(request.pk)),
    ]  # fmt: skip


def test_asked_for_by_a_lead_whose_shift_it_is_hears_too(rotation: Rotation, cast: dict[str, Agent]) -> None:
    ask(rotation, cast, to="ben", by="lea")

    assert told()["UBEN"].startswith(":wave: *Lea asks you to take a shift for Ana*")
    assert "Lea asked Ben to take your *primary* in SET" in told()["UANA"]


def test_who_asked_for_another_hears_how_it_ended_though_they_lead_it_not(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    rotation.team.members.remove(cast["lea"])
    request = ask(rotation, cast, to="ben", by="lea")
    Notice.objects.all().delete()

    press("swap_decline", request, "UBEN")

    assert ":no_entry_sign: Ben does not take Ana's *primary* in SET" in told()["ULEA"]


def test_taken_by_its_button_the_asker_and_the_lead_hear_once_and_the_taker_is_thanked(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    request = ask(rotation, cast)
    Notice.objects.all().delete()

    press("swap_take", request, "UBEN")

    said = told()
    # Cem, who was asked as well, sees it on the request's page.
    assert set(said) == {"UANA", "ULEA"}
    assert ":handshake: Ben takes your *primary* in SET" in said["UANA"]
    assert ":handshake: Ben takes Ana's *primary* in SET" in said["ULEA"]
    assert answers()[-1].text == "You take Ana's primary in SET. Ana is told. Thank you!"


def test_who_presses_second_learns_who_was_quicker(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)
    press("swap_take", request, "UBEN")

    press("swap_take", request, "UCEM")
    press("swap_take", request, "UNOBODY")

    assert [answer.text for answer in answers()][1] == "Ben has taken it already."
    assert "I do not know you" in answers()[2].text


def test_what_is_in_slack_loses_its_buttons_and_what_waits_is_not_said(
    rotation: Rotation, cast: dict[str, Agent]
) -> None:
    request = ask(rotation, cast)
    Notice.objects.filter(channel="UCEM").update(state="sent", slack_ts="1773824400.000100")
    waiting = Notice.objects.get(channel="UBEN")

    services.take_swap(request, by=cast["ben"], now=timezone.now())

    anew = Notice.objects.get(kind=Notice.Kind.UPDATE)
    assert (anew.channel, anew.replaces.slack_ts if anew.replaces else "") == ("UCEM", "1773824400.000100")
    assert "*Ben has taken it.*" in str(anew.blocks)
    assert "actions" not in {block["type"] for block in anew.blocks}
    assert drop_reasons([waiting]) == {waiting.pk: "it was settled meanwhile"}


def test_declined_by_the_last_who_was_asked_the_asker_hears(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast)
    Notice.objects.all().delete()

    press("swap_decline", request, "UBEN")
    assert told() == {}
    press("swap_decline", request, "UCEM")

    assert "Nobody who was asked is left to take it. You are on as before." in told()["UANA"]


def test_what_nobody_took_in_time_stays_whose_it_was(rotation: Rotation, cast: dict[str, Agent]) -> None:
    request = ask(rotation, cast, to="cem")
    Notice.objects.all().delete()

    services.expire_swaps(now=request.starts_at)

    assert "Nobody took your *primary* in SET" in told()["UANA"]
