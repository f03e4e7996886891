"""`manage.py loaddata`: Django's, on the trail."""

from django.core.management.commands import loaddata

from apps.trail.console.commands import Operated


class Command(Operated, loaddata.Command):
    """Loads fixtures; its run is on the trail, with their names."""
