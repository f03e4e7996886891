"""Keeps what is the customer's out of the public tracker: where a text would tell it, and neutral words instead.

`check` shows the places, `redact` proposes a text without them. What counts as private, and why a text is refused
rather than changed in silence, is written in docs/decisions/.
"""

from apps.rfhs.privacy.checking import Check, Place, check
from apps.rfhs.privacy.known import Person, Private, Ticket
from apps.rfhs.privacy.marks import private_passages
from apps.rfhs.privacy.redacting import redact

__all__ = ["Check", "Person", "Place", "Private", "Ticket", "check", "private_passages", "redact"]
