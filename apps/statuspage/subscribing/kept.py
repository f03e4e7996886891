"""Where emails go when none are sent: into a table, which the portal shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from apps.statuspage.models import Mail


class EmailBackend(BaseEmailBackend):
    """Keeps emails instead of sending them: the demo's."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were kept."""
        # Django calls it without an instant, as it would a mail server.
        now = datetime.now(UTC)  # noqa: TID251
        for message in email_messages:
            headers: dict[str, Any] = {name: str(value) for name, value in message.extra_headers.items()}
            Mail.objects.create(
                to=", ".join(message.to)[:300],
                title=str(message.subject)[:300],
                text=str(message.body),
                headers=headers,
                at=now,
            )
        return len(email_messages)
