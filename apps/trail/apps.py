from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TrailConfig(AppConfig):
    name = "apps.trail"
    verbose_name = "Trail"

    def ready(self) -> None:
        # In the order of INSTALLED_APPS: lower apps react before upper ones.
        autodiscover_modules("events", "reactions", "followers", "belonging", "telling")
        for concept in ("audit", "comparing", "console", "exporting", "patterns", "seals", "telling"):
            autodiscover_modules(f"{concept}.events", f"{concept}.followers", f"{concept}.admin")
