"""What tickets refuse."""


class TicketError(Exception):
    """The base; its message can be shown to an agent."""


class UnknownTicket(TicketError):
    """No ticket has this number."""


class BadTicket(TicketError):
    """Something said of a ticket cannot be true."""


class IllegalMove(TicketError):
    """A status does not lead to the one asked for."""
