"""What tickets refuse."""


class TicketError(Exception):
    """The base; its message can be shown to an agent."""


class UnknownTicket(TicketError):
    """No ticket has this number."""


class BadTicket(TicketError):
    """Something said of a ticket cannot be true."""


class RefusedField(BadTicket):
    """It cannot be true because of one field; `errors` maps its name to the sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        self.errors = {field: [sentence]}
        super().__init__(sentence)


class IllegalMove(TicketError):
    """A status does not lead to the one asked for."""
