"""Slack: messages read, messages posted, people and channels named."""
