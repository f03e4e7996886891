"""Loaded before Django reads its settings: tests have a home of their own, need no durability and no outside."""

import hashlib
import os
import tempfile
from pathlib import Path

# A home for each checkout: the suites of two can run side by side.
CHECKOUT = hashlib.sha256(str(Path(__file__).resolve().parent.parent).encode()).hexdigest()[:8]
HOME = Path(tempfile.gettempdir()) / f"supportops-tests-{os.getuid()}-{CHECKOUT}"

os.environ.setdefault("DEBUG", "1")
# And one for each process of the run: what is settled on the trail waits for every transaction of a server, so a
# long one of another process would keep tests waiting.
if os.environ.get("SUPPORTOPS_HOME", str(HOME)) == str(HOME):
    os.environ["SUPPORTOPS_HOME"] = str(HOME / os.environ.get("PYTEST_XDIST_WORKER", ""))
# Portals, workers and shells are a hundred processes that import all of ours; not one by one from the source.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("SUPPORTOPS_POSTGRES_OPTIONS", "-c fsync=off -c synchronous_commit=off -c full_page_writes=off")
for name in (
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "HELPDESK",
    "HELPDESK_URL",
    "GITHUB_TOKEN",
    "GITHUB_URL",
    "RFH_PRIVATE_TRACKER",
    "RFH_PUBLIC_TRACKER",
    "DEMO",
):
    os.environ.pop(name, None)
