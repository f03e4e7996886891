"""What must be set before the portal may face the world. Pure."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from apps.integrations.github.faults import faults as github_faults
from apps.integrations.helpdesk.faults import faults

POSTGRES = ("postgres", "postgresql", "psql", "pgsql", "postgis")


def problems(
    *,
    secret_key: str,
    allowed_hosts: list[str],
    base_url: str,
    demo: bool,
    slack_bot_token: str,
    slack_signing_secret: str,
    slack_app_token: str,
    helpdesk: str,
    helpdesk_url: str,
    helpdesk_user: str,
    helpdesk_token: str,
    helpdesk_timeout: float,
    github_token: str,
    github_url: str,
    rfh_private_tracker: str,
    rfh_public_tracker: str,
    database_url: str,
    insecure_http: bool,
) -> list[str]:
    """Everything missing or unsafe, each a line that says what to set."""
    found = []
    if len(secret_key) < 50:
        found.append(
            "SECRET_KEY: at least 50 random characters (python -c 'import secrets; print(secrets.token_urlsafe(50))')."
        )
    if not allowed_hosts or "*" in allowed_hosts:
        found.append("ALLOWED_HOSTS: the host names people use, separated by commas; not *.")
    address = urlsplit(base_url)
    if not address.netloc or address.scheme not in ("http", "https"):
        found.append("BASE_URL: the portal's own address, such as https://support.example.com; links in Slack use it.")
    elif address.scheme != "https" and not insecure_http:
        found.append("BASE_URL: must begin with https://, or set INSECURE_HTTP=1 if no proxy in front speaks TLS.")
    if demo:
        found.append("DEMO: must be off; it has public sign-ins.")
    if slack_bot_token and not (slack_signing_secret or slack_app_token):
        found.append("SLACK_SIGNING_SECRET: needed beside SLACK_BOT_TOKEN (or SLACK_APP_TOKEN for Socket Mode).")
    found += faults(kind=helpdesk, url=helpdesk_url, user=helpdesk_user, token=helpdesk_token, timeout=helpdesk_timeout)
    found += github_faults(token=github_token, url=github_url, private=rfh_private_tracker, public=rfh_public_tracker)
    if not database_url:
        found.append("DATABASE_URL: your PostgreSQL, 15 or later; or the word embedded to keep the built-in one.")
    elif database_url != "embedded" and urlsplit(database_url).scheme not in POSTGRES:
        # Without the address: it holds a password.
        found.append("DATABASE_URL: must begin with postgres:// and name a PostgreSQL, 15 or later.")
    return found


def refuse_unsafe(**given: object) -> None:
    """Stop the start with one list of everything to set, when there is anything."""
    found = problems(**given)  # type: ignore[arg-type]
    if found:
        lines = "\n".join(f"  - {line}" for line in found)
        sys.exit(f"SupportOps cannot start in production mode yet. Set:\n{lines}\n(DEBUG=1 starts it for development.)")
