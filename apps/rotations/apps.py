from django.apps import AppConfig


class RotationsConfig(AppConfig):
    name = "apps.rotations"
    verbose_name = "Shifts"
