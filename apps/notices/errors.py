"""What the outbox refuses."""


class NoticesError(Exception):
    """The base; its message can be shown to a person."""


class NotSendable(NoticesError):
    """The notice cannot be sent again: it was sent, it is on its way, or there is nowhere to send it."""
