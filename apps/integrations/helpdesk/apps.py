from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "apps.integrations.helpdesk"
    label = "helpdesk"
    verbose_name = "Help desk"
