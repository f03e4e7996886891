from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from django.utils.module_loading import import_string


class ProjectConfig(AppConfig):
    name = "supportops"
    verbose_name = "SupportOps"

    def ready(self) -> None:
        # By name: it needs models, which are not there yet when this module is read.
        import_string("supportops.worker.connect")()


class AdminConfig(DjangoAdminConfig):
    default_site = "supportops.admin.PortalAdminSite"

    def ready(self) -> None:
        super().ready()
        # After every app's own pages, django-q2's among them.
        import_string("supportops.machine_room.register")()
