from django.apps import AppConfig


class RfhsConfig(AppConfig):
    name = "apps.rfhs"
    verbose_name = "Requests for help"
