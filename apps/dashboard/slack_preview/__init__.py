"""Slack as it would look, in demo mode: its page, and what one does there."""
