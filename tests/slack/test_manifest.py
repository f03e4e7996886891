"""The manifest asks Slack for what the code listens to, and for nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.integrations.slack.bolt import COMMANDS, EVENTS, SHORTCUTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "slack" / "manifest.yaml").read_text())
    return read


def test_every_command_is_announced(manifest: dict[str, Any]) -> None:
    assert {command["command"] for command in manifest["features"]["slash_commands"]} == COMMANDS


def test_every_shortcut_is_announced(manifest: dict[str, Any]) -> None:
    shortcuts = manifest["features"]["shortcuts"]

    assert {shortcut["callback_id"] for shortcut in shortcuts} == SHORTCUTS
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in shortcuts)


def test_every_event_is_subscribed_to(manifest: dict[str, Any]) -> None:
    events = manifest["settings"]["event_subscriptions"]["bot_events"]

    assert {event.partition(".")[0] for event in events} == EVENTS


def test_one_address_takes_everything(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    urls = {command["url"] for command in manifest["features"]["slash_commands"]}
    urls |= {settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]}
    urls.add(settings["interactivity"]["message_menu_options_url"])

    assert urls == {"https://support.example.com/slack/events"}


def test_direct_messages_can_be_read_and_not_answered(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]

    assert home["messages_tab_enabled"] is home["messages_tab_read_only_enabled"] is True


def test_links_to_the_portal_are_asked_about_and_answered(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["unfurl_domains"] == ["support.example.com"]
    assert {"links:read", "links:write"} <= set(manifest["oauth_config"]["scopes"]["bot"])


def test_who_is_on_duty_can_be_shown_in_topics_and_in_user_groups(manifest: dict[str, Any]) -> None:
    topics = {"channels:read", "channels:write.topic", "groups:read", "groups:write.topic"}

    assert {*topics, "usergroups:read", "usergroups:write"} <= set(manifest["oauth_config"]["scopes"]["bot"])


def test_slack_s_limits_are_kept(manifest: dict[str, Any]) -> None:
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    assert all(len(command["description"]) <= 2000 for command in manifest["features"]["slash_commands"])
