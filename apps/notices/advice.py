"""What a person can do when Slack refuses a message. Pure."""

from __future__ import annotations

# The message itself is at fault: the channel takes others.
OF_THE_MESSAGE = frozenset(
    {
        "msg_too_long",
        "no_text",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_arguments",
        "invalid_metadata_format",
        "metadata_too_large",
        "msg_blocks_too_long",
    }
)
_ADVICE = {
    "channel_not_found": "Slack knows no such channel, or it is private and the bot is not in it: check the id, "
    "or invite the bot there.",
    "not_in_channel": "The bot is not in the channel: invite it there (/invite), then send again.",
    "is_archived": "The channel is archived: unarchive it, or let the policy speak elsewhere.",
    "invalid_auth": "Slack does not accept the token: set SLACK_BOT_TOKEN anew.",
    "not_authed": "Slack got no token: set SLACK_BOT_TOKEN anew.",
    "token_revoked": "The token was revoked: install the app again and set SLACK_BOT_TOKEN anew.",
    "token_expired": "The token has expired: set SLACK_BOT_TOKEN anew.",
    "account_inactive": "The app was removed from the workspace: install it again and set SLACK_BOT_TOKEN anew.",
    "missing_scope": "The app lacks a permission: install it again from slack/manifest.yaml.",
    "msg_too_long": "The message is too long for Slack: shorten the tier's message.",
    "no_text": "The message is empty: give the tier a message.",
    "invalid_blocks": "Slack does not understand the message's blocks: look at them below.",
    "user_not_found": "Slack knows nobody by this id: correct the agent's Slack id.",
    "user_not_in_channel": "The person is not in the channel, so nothing can be shown to them alone there.",
    "users_not_found": "Slack knows nobody by this id: correct the agent's Slack id.",
    "restricted_action": "The workspace does not let the bot write there: ask its administrators.",
    "messages_tab_disabled": "The app's Messages tab is off, so it can tell nobody directly: install it again from "
    "slack/manifest.yaml.",
    "message_not_found": "The message is gone: somebody deleted it, so there is nothing to show anew.",
    "cant_update_message": "The message is another app's, so it cannot be shown anew.",
    "thread_not_found": "The thread is gone: somebody deleted its first message.",
}


def sentence(error: str) -> str:
    """What Slack said and what to do about it."""
    return f"{_ADVICE.get(error, 'Slack refused it.')} ({error})"
