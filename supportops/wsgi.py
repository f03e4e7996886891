"""The web process: gunicorn supportops.wsgi."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

# As in manage.py: what is imported here stays.
gc.set_threshold(50_000, 20, 20)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportops.settings")
application = get_wsgi_application()
import_string("apps.statuspage.memory.warm")()
gc.freeze()
