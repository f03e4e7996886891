"""Names in a manager's message, as Slack's ids and back."""

from __future__ import annotations

import pytest

from apps.integrations.slack.names import Names, UnknownNames

NAMES = Names.of(
    [
        ("Ana", "<@UANA>"),
        ("annie", "<@UANA>"),
        ("Ana Lopez", "<@UANA>"),
        ("José", "<@UJOSE>"),
        ("Sam", "<@USAM1>"),
        ("Sam", "<@USAM2>"),
        ("heads", "<!subteam^S1>"),
    ]
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("@Ana, please", "<@UANA>, please"),
        ("@ana.lopez and @AnaLopez", "<@UANA> and <@UANA>"),
        ("ask @annie.", "ask <@UANA>."),
        ("@josé!", "<@UJOSE>!"),
        ("@here @channel @heads", "<!here> <!channel> <!subteam^S1>"),
        ("mail ana@example.com", "mail ana@example.com"),
        ("<@UANA> stays", "<@UANA> stays"),
        ("{people} @ana", "{people} <@UANA>"),
        ("a lone @ and @@", "a lone @ and @@"),
        ("", ""),
    ],
)
def test_names_become_ids(typed: str, stored: str) -> None:
    assert NAMES.to_ids(typed) == stored


@pytest.mark.parametrize(("typed", "words"), [("@nobody", "nobody called @nobody"), ("@sam", "Several people")])
def test_a_name_that_would_reach_nobody_or_too_many_is_refused(typed: str, words: str) -> None:
    with pytest.raises(UnknownNames, match=words):
        NAMES.to_ids(f"hello {typed}")


@pytest.mark.parametrize("text", ["@ana and @here: {ticket}", "@josé, @heads", "nobody"])
def test_there_and_back_again_is_the_same(text: str) -> None:
    assert NAMES.to_names(NAMES.to_ids(text)) == text


def test_an_id_nobody_has_is_left_as_it_is() -> None:
    assert NAMES.to_names("<@UGONE> and <!subteam^S9>") == "<@UGONE> and <!subteam^S9>"


def test_nobody_can_be_called_channel() -> None:
    assert Names.of([("channel", "<@UEVE>")]).to_ids("@channel") == "<!channel>"
