from django.apps import AppConfig


class SlackConfig(AppConfig):
    name = "apps.integrations.slack"
    label = "slack"
    verbose_name = "Slack"
