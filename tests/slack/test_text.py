from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from apps.integrations.slack import text

HALF_PAST_TWELVE = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)


def test_what_a_person_wrote_cannot_mention_anybody() -> None:
    assert text.escape("<!channel> A & B") == "&lt;!channel&gt; A &amp; B"


def test_users_groups_and_channels_are_named_by_id() -> None:
    assert text.mention("U123") == "<@U123>"
    assert text.user_group_mention("S123") == "<!subteam^S123>"
    assert text.channel_link("C123") == "<#C123>"


@pytest.mark.parametrize("write", [text.mention, text.user_group_mention, text.channel_link])
def test_what_is_no_id_is_shown_and_not_obeyed(write: object) -> None:
    assert write("U1> <!here") == "U1&gt; &lt;!here"  # type: ignore[operator]


def test_a_time_shows_utc_where_slack_cannot_tell_the_readers_zone() -> None:
    unix = int(HALF_PAST_TWELVE.timestamp())

    assert text.date(HALF_PAST_TWELVE) == f"<!date^{unix}^{{time}}|12:30 UTC>"


def test_a_day_falls_back_to_a_day() -> None:
    assert text.date(HALF_PAST_TWELVE, "{date_short} {time}").endswith("|2 Mar 2026 12:30 UTC>")


def test_an_instant_of_another_zone_is_shown_in_utc() -> None:
    in_tokyo = HALF_PAST_TWELVE.astimezone(timezone(timedelta(hours=9)))

    assert text.date(in_tokyo) == text.date(HALF_PAST_TWELVE)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        text.date(HALF_PAST_TWELVE.replace(tzinfo=None))


def test_a_links_label_and_address_cannot_break_out_of_it() -> None:
    assert text.link("https://x/?a=1&b=<|>", "4711 > <!here>\n") == (
        "<https://x/?a=1&amp;b=%3C%7C%3E|4711 &gt; &lt;!here&gt;>"
    )


def test_what_is_no_web_address_is_not_linked() -> None:
    assert text.link("javascript:alert(1)", "press") == "press"
