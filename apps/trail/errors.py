"""What the trail refuses."""


class TrailError(Exception):
    """The base; its message can be shown to a person."""


class ReactionFailed(TrailError):
    """A reaction raised, so the event it heard was not recorded either; names the reaction."""
