"""Socket Mode: Slack without a public address."""

from __future__ import annotations

import json
import logging
import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from apps.integrations.slack import inbox
from apps.integrations.slack.bolt import app
from apps.integrations.slack.incoming import BadPayload, checked

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Listens until it is told to stop; everything then goes the way of POST /slack/events."""

    help = "Listen to Slack by Socket Mode, which needs no public address. Ctrl-C stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SLACK_APP_TOKEN:
            raise CommandError(
                "SLACK_APP_TOKEN is not set. Create an app-level token with the scope connections:write "
                "(your app's Basic Information page); it starts with xapp-."
            )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        listener = Listener(app(), settings.SLACK_APP_TOKEN)
        try:
            listener.connect()  # type: ignore[no-untyped-call]
        except SlackApiError as refusal:
            raise CommandError(f"Slack refused the connection: {refusal.response.get('error')}.")
        except OSError as error:
            raise CommandError(f"Slack cannot be reached at {settings.SLACK_API_URL}: {error}.")
        self.stdout.write("Listening to Slack by Socket Mode.")
        stop.wait()
        listener.close()  # type: ignore[no-untyped-call]
        self.stdout.write("Stopped.")


class Listener(SocketModeHandler):
    """bolt's handler, answering through the same inbox as the web."""

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Answer one envelope; without an answer of ours Slack sends it again, elsewhere or later."""
        # Its threads live long, and the database may have dropped a connection meanwhile.
        close_old_connections()
        try:
            status, content_type, body = inbox.answer(checked(req.payload))
        except BadPayload as refusal:
            # Sent again it would be no better, so it is taken.
            logger.warning("Not understood by Socket Mode: %s", refusal)
            status, content_type, body = 200, inbox.TEXT, ""
        finally:
            close_old_connections()
        if status != 200:
            logger.error("A Socket Mode envelope was not taken (%s).", status)
            return
        payload: dict[str, Any] | None = None
        if body:
            payload = json.loads(body) if content_type.startswith(inbox.JSON) else {"text": body}
        client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id, payload=payload))
