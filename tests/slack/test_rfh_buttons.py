"""The buttons under what Slack hears of a request for help."""

from __future__ import annotations

from apps.integrations.slack import rfh_buttons


def test_every_button_holds_the_number_of_its_request_and_is_listened_to() -> None:
    rows = [
        *rfh_buttons.rows(12, "filed"),
        *rfh_buttons.rows(12, "acknowledged"),
        rfh_buttons.teammates_row(12),
        rfh_buttons.join_row(12),
    ]
    pressed = [button for row in rows for button in row["elements"]]

    assert {button["value"] for button in pressed} == {"12"}
    assert {button["action_id"] for button in pressed} == rfh_buttons.BUTTONS
    assert all(len(button["text"]["text"]) <= 75 for button in pressed)


def test_what_is_offered_is_what_can_be_done_from_there() -> None:
    def offered(state: str, *, theirs: bool = False) -> list[str]:
        return [button["action_id"] for row in rfh_buttons.rows(12, state, theirs=theirs) for button in row["elements"]]

    assert offered("handed_over") == ["rfh_acknowledge", "rfh_start", "rfh_answer"]
    assert offered("acknowledged") == ["rfh_start", "rfh_answer", "rfh_take"]
    assert offered("in_progress") == ["rfh_answer", "rfh_take"]
    assert offered("in_progress", theirs=True) == ["rfh_answer"]
    assert offered("answered") == []
