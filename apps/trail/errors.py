"""What the trail refuses."""


class TrailError(Exception):
    """The base; its message can be shown to a person."""


class ReactionFailed(TrailError):
    """A reaction raised, so the event it heard was not recorded either; names the reaction."""


class StreamMoved(TrailError):
    """A stream was expected at another version: somebody recorded on it meanwhile."""


class BadCursor(TrailError):
    """A text says no place on the trail."""


class BadEvent(TrailError):
    """An event cannot be published like that; `errors` says what is wrong with which argument."""

    def __init__(self, message: str, argument: str = "") -> None:
        super().__init__(message)
        self.errors = {argument: [message]} if argument else None


class UnknownFollower(TrailError):
    """Nobody follows the trail under this name."""
