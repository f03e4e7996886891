"""The portal's settings, with django-auditlog and django-simple-history beside it."""

import sys

from supportops.settings import *  # noqa: F403
from supportops.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "auditlog", "simple_history"]
# Its models stand on those of an app with migrations, which Django bears in no app without; `tables` makes its table.
if "migrate" not in sys.argv:
    INSTALLED_APPS.append("bench.peers")
