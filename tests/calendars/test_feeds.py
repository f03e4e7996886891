"""iCalendar feeds over HTTP, from a stand-in server on loopback."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.integrations.icalendar_feed.fetching import LARGEST
from apps.integrations.icalendar_feed.source import ICalendarFeed
from apps.rotations.calendars import CalendarItem, CalendarQuestion, CalendarReading, CalendarUnreadable, Named
from tests.standins.calendars import StandInFeed, entry, feed

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 9, 1, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def standin() -> Iterator[StandInFeed]:
    with StandInFeed() as server:
        yield server


def read(
    address: str, *, timeout: float = 5, token: str = "", private: tuple[str, ...] = ("127.0.0.1",)
) -> CalendarReading:
    question = CalendarQuestion(address=address, zone=LONDON, start=START, end=END, token=token)
    return ICalendarFeed(private_hosts=private, timeout=timeout).read(question)


def items(standin: StandInFeed, *entries: str, head: str = "") -> list[CalendarItem]:
    return list(read(standin.put("/a.ics", feed(*entries, head=head))).items)


def refusal(address: str, **options: object) -> str:
    with pytest.raises(CalendarUnreadable) as refused:
        read(address, **options)  # type: ignore[arg-type]
    return str(refused.value)


def test_an_entry_is_read_with_its_times_and_its_people(standin: StandInFeed) -> None:
    [found] = items(standin, entry("a", ":20260318T090000Z", ":20260318T170000Z", "On support", "ana@example.com"))

    assert (found.start, found.end) == (datetime(2026, 3, 18, 9, tzinfo=UTC), datetime(2026, 3, 18, 17, tzinfo=UTC))
    assert (found.uid, found.summary, found.people) == ("a", "On support", (Named("", "ana@example.com"),))


def test_who_declined_and_rooms_are_nobody(standin: StandInFeed) -> None:
    more = "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.com\nATTENDEE;CUTYPE=ROOM:mailto:room@example.com\n"

    [found] = items(standin, entry("a", ":20260318T090000Z", ":20260318T170000Z", more=more))

    assert found.people == ()


def test_a_whole_day_lasts_from_midnight_to_midnight_in_the_feeds_zone(standin: StandInFeed) -> None:
    whole = entry("a", ";VALUE=DATE:20260329", ";VALUE=DATE:20260330")

    [found] = items(standin, whole, head="X-WR-TIMEZONE:Europe/Madrid\n")

    # The clocks go forward on that day, so it has 23 hours.
    assert (found.start, found.end) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    )
    assert found.all_day


def test_a_recurrence_without_an_end_ends_with_the_window_and_keeps_its_time_on_the_wall(standin: StandInFeed) -> None:
    weekly = entry(
        "a", ";TZID=Europe/London:20250106T090000", ";TZID=Europe/London:20250106T170000", more="RRULE:FREQ=WEEKLY\n"
    )

    found = items(standin, weekly)

    assert {item.start.astimezone(LONDON).hour for item in found} == {9}
    assert len(found) == 27
    assert len({item.instance for item in found}) == 27


def test_an_occurrence_that_moved_moves_and_one_called_off_vanishes(standin: StandInFeed) -> None:
    series = entry("a", ":20260302T090000Z", ":20260302T170000Z", more="RRULE:FREQ=WEEKLY;COUNT=3\n")
    moved = entry("a", ":20260310T120000Z", ":20260310T130000Z", more="RECURRENCE-ID:20260309T090000Z\n")
    off = entry(
        "a", ":20260316T090000Z", ":20260316T170000Z", more="RECURRENCE-ID:20260316T090000Z\nSTATUS:CANCELLED\n"
    )

    found = items(standin, series, moved, off)

    assert [item.start for item in found] == [
        datetime(2026, 3, 2, 9, tzinfo=UTC),
        datetime(2026, 3, 10, 12, tzinfo=UTC),
    ]
    assert found[1].instance == "2026-03-09T09:00:00+00:00"


def test_a_bad_time_zone_is_said_and_the_times_are_taken_to_be_the_calendars(standin: StandInFeed) -> None:
    lost = entry("a", ";TZID=Nowhere/Land:20260618T090000", ";TZID=Nowhere/Land:20260618T170000")

    found = read(standin.put("/a.ics", feed(lost)))

    assert found.items[0].start == datetime(2026, 6, 18, 8, tzinfo=UTC)
    assert found.notes == ("The time zone “Nowhere/Land” is not known; its times (1) are taken to be Europe/London's.",)


def test_one_entry_that_cannot_be_read_costs_no_other(standin: StandInFeed) -> None:
    good = entry("a", ":20260318T090000Z", ":20260318T170000Z")
    bad = "UID:b\nDTSTART:yesterday\nSUMMARY:Hm"

    found = read(standin.put("/a.ics", feed(bad, good)))

    assert [item.uid for item in found.items] == ["a"]
    assert found.notes == ("1 of its entries could not be read.",)


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=30", "FREQ=HOURLY;BYMINUTE=0,20,40"])
def test_what_repeats_more_often_than_hours_do_is_left_out_and_said(standin: StandInFeed, rule: str) -> None:
    endless = entry("a", ":20200101T000000Z", ":20200101T000010Z", more=f"RRULE:{rule}\n")

    found = read(standin.put("/a.ics", feed(endless)))

    assert found.items == ()
    assert found.notes == ("1 of its entries repeat more often than hours do, and are left out.",)


def test_a_feed_of_ten_thousand_entries_is_read_in_bounded_time_and_memory(standin: StandInFeed) -> None:
    address = standin.put("/a.ics", feed(*_many(10_000)))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    found = read(address, timeout=10)

    took, grown = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(found.items) == 10_000
    assert found.notes == ()
    # Far from what it takes: 2 s of work, and some 60 MB.
    assert took < 10
    assert grown < 300 * 1024


def test_beyond_ten_thousand_the_farthest_are_left_out_and_that_is_said(standin: StandInFeed) -> None:
    found = read(standin.put("/a.ics", feed(*_many(10_002))), timeout=10)

    assert len(found.items) == 10_000
    assert found.notes == ("Of its entries 10,000 count; 2 more are left out, those farthest ahead.",)
    assert max(item.start for item in found.items) == START + 9_999 * timedelta(minutes=20)


def test_years_of_what_is_over_do_not_count_against_the_limit(standin: StandInFeed) -> None:
    over = [entry(f"o{place}", ":20200101T000000Z", ":20200101T010000Z") for place in range(10_001)]

    found = read(standin.put("/a.ics", feed(*over, entry("a", ":20260318T090000Z", ":20260318T170000Z"))))

    assert [item.uid for item in found.items] == ["a"]
    assert found.notes == ()


def test_a_web_page_is_said_to_be_one(standin: StandInFeed) -> None:
    address = standin.put("/a.ics", "<!DOCTYPE html><html><body>Sign in</body></html>", content_type="text/html")

    assert refusal(address) == (
        "The address answers with a web page, not with a calendar: perhaps one has to sign in there. Use the "
        "calendar's secret address in iCal format, which mostly ends in .ics."
    )


@pytest.mark.parametrize(("body", "said"), [(b"", "with nothing at all"), (b"\xff\x00{}", "is no calendar")])
def test_what_is_no_calendar_is_said_to_be_none(standin: StandInFeed, body: bytes, said: str) -> None:
    assert said in refusal(standin.put("/a.ics", body))


def test_a_hung_server_is_given_up_on_at_the_deadline(standin: StandInFeed) -> None:
    address = standin.put("/a.ics", "BEGIN:VCALENDAR", drip=5)
    began = time.monotonic()

    said = refusal(address, timeout=0.5)

    assert said == "The calendar's server did not answer within 0.5 s."
    assert time.monotonic() - began < 2


def test_a_server_that_drips_its_headers_is_given_up_on_as_well(standin: StandInFeed) -> None:
    address = standin.put("/a.ics", "BEGIN:VCALENDAR", drip=0.2, drip_head=True)
    began = time.monotonic()

    assert "did not answer within 0.5 s" in refusal(address, timeout=0.5)
    assert time.monotonic() - began < 2


def test_a_feed_larger_than_any_calendar_is_not_read_to_its_end(standin: StandInFeed) -> None:
    assert "larger than 10 MB" in refusal(standin.put("/a.ics", b"x" * (LARGEST + 1)))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "2130706433"],
)
def test_an_address_in_a_private_network_is_refused(host: str) -> None:
    assert "leads into a private network" in refusal(f"http://{host}/a.ics", private=())


def test_a_redirect_into_a_private_network_is_refused(standin: StandInFeed) -> None:
    address = standin.redirect("/a.ics", f"http://127.0.0.2:{standin.port}/secret")

    said = refusal(address)

    assert "leads into a private network" in said
    assert [heard.path for heard in standin.heard] == ["/a.ics"]


@pytest.mark.parametrize("there", ["file:///etc/passwd", "ftp://example.com/a.ics"])
def test_a_redirect_to_anything_but_the_web_is_refused(standin: StandInFeed, there: str) -> None:
    assert "Only addresses that begin with https://" in refusal(standin.redirect("/a.ics", there))


def test_redirects_that_never_end_are_given_up_on(standin: StandInFeed) -> None:
    assert "more than 5 times" in refusal(standin.redirect("/a.ics", "/a.ics"))


def test_a_redirect_within_what_is_allowed_is_followed(standin: StandInFeed) -> None:
    standin.put("/b.ics", feed(entry("a", ":20260318T090000Z", ":20260318T170000Z")))

    assert len(read(standin.redirect("/a.ics", "/b.ics")).items) == 1


def test_a_host_of_ones_own_network_may_be_named_with_its_port(standin: StandInFeed) -> None:
    address = standin.put("/a.ics", feed())

    assert read(address, private=(f"127.0.0.1:{standin.port}",)).whole
    assert "private network" in refusal(address, private=("127.0.0.1:1",))


def test_an_address_that_was_withdrawn_says_what_to_do(standin: StandInFeed) -> None:
    said = refusal(f"{standin.address}/gone.ics")

    assert said.startswith("The calendar's server refuses (404): the address is wrong, or was withdrawn.")


def test_no_refusal_holds_the_address_with_its_secret() -> None:
    said = refusal("http://127.0.0.1:1/secret-token.ics", timeout=2)

    assert said == "The calendar's server could not be reached."


def test_a_feed_that_did_not_change_is_not_sent_again(standin: StandInFeed) -> None:
    address = standin.put("/a.ics", feed(), headers={"ETag": '"v1"'})
    first = read(address)

    again = read(address, token=first.token)

    assert first.whole
    assert first.token == '"v1"'
    assert again == CalendarReading(token='"v1"')


def test_a_feed_of_beginnings_without_ends_takes_no_time(standin: StandInFeed) -> None:
    began = time.monotonic()

    found = read(standin.put("/a.ics", "BEGIN:VCALENDAR\r\n" + "BEGIN:VEVENT\r\n" * 200_000))

    assert found.items == ()
    assert time.monotonic() - began < 5


def _many(count: int) -> list[str]:
    begins = [START + place * timedelta(minutes=20) for place in range(count)]
    return [
        entry(
            f"e{place}",
            f":{begin:%Y%m%dT%H%M%SZ}",
            f":{begin + timedelta(minutes=20):%Y%m%dT%H%M%SZ}",
            f"Support {place}",
            "ana@example.com",
        )
        for place, begin in enumerate(begins)
    ]
