"""`manage.py remove_stale_contenttypes`: Django's, on the trail, since rights go with them."""

from django.contrib.contenttypes.management.commands import remove_stale_contenttypes

from apps.trail.console.commands import Operated


class Command(Operated, remove_stale_contenttypes.Command):
    """Removes what models that are gone left behind."""
