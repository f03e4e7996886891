"""The tickets again, each under a name of its own: signals go by it."""

from auditlog.registry import auditlog
from django.db import connection
from simple_history import register

from apps.tickets.models import Ticket


class LoggedTicket(Ticket):
    """A ticket whose changes django-auditlog logs."""

    class Meta:
        proxy = True


class HistoricTicket(Ticket):
    """A ticket of which django-simple-history keeps every version."""

    class Meta:
        proxy = True


# A column the database makes is no news.
auditlog.register(LoggedTicket, exclude_fields=["search"])
register(HistoricTicket, excluded_fields=["search"])


def make_tables() -> None:
    """The table of versions is there."""
    with connection.schema_editor() as editor:
        editor.create_model(HistoricTicket.history.model)
