"""The buttons under what Slack hears of a request for help."""

from __future__ import annotations

from apps.integrations.slack import rfh_buttons


def test_every_button_holds_the_number_of_its_request_and_is_listened_to() -> None:
    rows = [
        rfh_buttons.acknowledge_row(12),
        rfh_buttons.owner_row(12),
        rfh_buttons.teammates_row(12),
        rfh_buttons.join_row(12),
    ]
    pressed = [button for row in rows for button in row["elements"]]

    assert {button["value"] for button in pressed} == {"12"}
    assert {button["action_id"] for button in pressed} == rfh_buttons.BUTTONS
    assert all(len(button["text"]["text"]) <= 75 for button in pressed)
