"""How the web process runs; gunicorn reads this file from the folder it is started in."""

import os
from pathlib import Path

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "gthread"
threads = 8
timeout = 60
graceful_timeout = 10
# Longer than a load balancer keeps an idle connection, so that it is the one to close.
keepalive = 75
# A heartbeat file on a slow disk can stall a worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
loglevel = "warning"
