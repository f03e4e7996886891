"""The web process: gunicorn supportops.wsgi."""

import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportops.settings")
application = get_wsgi_application()
import_string("apps.statuspage.memory.warm")()
