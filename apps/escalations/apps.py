from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    name = "apps.escalations"
    verbose_name = "Escalations"
