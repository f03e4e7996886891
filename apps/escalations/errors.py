"""What the engine refuses."""


class EscalationError(Exception):
    """The base; its message can be shown to an agent."""


class NothingToSnooze(EscalationError):
    """No promise of the ticket is running."""


class BadSnooze(EscalationError):
    """A snooze of that length makes no sense."""
