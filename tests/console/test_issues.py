"""What is an issue's address."""

from __future__ import annotations

import pytest

from apps.trail.console.issues import LONGEST, STREAM, NotAnIssue, issue_at
from apps.trail.services import LONGEST_STREAM


@pytest.mark.parametrize(
    "address",
    [
        "https://issues.example.com/SUP-1?focus=2#c3",
        "http://jira/SUP-1",
        "https://[::1]:8080/1",
        " https://a.de/1 ",
    ],
)
def test_an_address_of_the_web_is_taken(address: str) -> None:
    assert issue_at(address) == address.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4711",
        "SUP-1",
        "issues.example.com/1",
        "ftp://a.de/1",
        "https://",
        "https:///1",
        "https://a.de/1 2",
        "https://[a/1",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotAnIssue, match="copy it from the browser, such as https://"):
        issue_at(text)


def test_a_sign_in_in_the_address_is_not_kept() -> None:
    with pytest.raises(NotAnIssue, match="leave that out") as refusal:
        issue_at("https://ana:s3cret@a.de/1")

    assert "s3cret" not in str(refusal.value)


def test_every_address_that_is_taken_fits_a_streams_name() -> None:
    longest = "https://a.de/".ljust(LONGEST, "x")

    assert len(STREAM + issue_at(longest)) <= LONGEST_STREAM
    with pytest.raises(NotAnIssue, match=f"{LONGEST + 1} characters"):
        issue_at(longest + "x")
