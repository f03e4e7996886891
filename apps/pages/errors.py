"""What pages refuse."""


class PageError(Exception):
    """The base; its message can be shown to an agent."""


class BadPage(PageError):
    """What was asked for is no page; `errors` maps a field to its sentences."""

    def __init__(self, field: str, sentence: str) -> None:
        self.errors = {field: [sentence]}
        super().__init__(sentence)


class UnknownTeam(BadPage):
    """No team is called so."""


class UnknownPage(PageError):
    """There is no such page."""


class AlreadyAcknowledged(PageError):
    """Somebody else was quicker, or it is over."""


class NotOpen(PageError):
    """What was asked for is for pages that still climb."""


class NotYours(PageError):
    """Only those who were paged, the team's lead and managers may."""


class NobodyToAsk(PageError):
    """Nobody is on duty who could join."""
