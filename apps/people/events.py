"""What happens to people beyond a change of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from apps.trail.events import Event, Personal


@dataclass(frozen=True, kw_only=True)
class PasswordSet(Event):
    """An agent signs in with another password from now on, or with none; never which one."""

    agent: Annotated[int, "The agent's id here"]
    name: Annotated[str, Personal, "The agent's name"]
    usable: Annotated[bool, "Whether they can sign in with a password at all"]

    def sentence(self) -> str:
        if self.usable:
            return f"Agent “{self.name}” was given a new password"
        return f"Agent “{self.name}” can no longer sign in with a password"


@dataclass(frozen=True, kw_only=True)
class PasswordRehashed(Event):
    """An agent's password was hashed anew by today's rule as they signed in; it is the same password."""

    agent: Annotated[int, "The agent's id here"]
    name: Annotated[str, Personal, "The agent's name"]

    def sentence(self) -> str:
        return f"The password of agent “{self.name}” was hashed anew"


@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """Somebody signed in to the portal with their password."""

    agent: Annotated[int, "The agent's id here"]
    name: Annotated[str, Personal, "The agent's name"]

    def sentence(self) -> str:
        return f"{self.name} signed in"


@dataclass(frozen=True, kw_only=True)
class SignedOut(Event):
    """Somebody ended their session themselves."""

    agent: Annotated[int, "The agent's id here"]
    name: Annotated[str, Personal, "The agent's name"]

    def sentence(self) -> str:
        return f"{self.name} signed out"


@dataclass(frozen=True, kw_only=True)
class SignInFailed(Event):
    """Somebody tried to sign in and was not let in; of many tries within a minute some are told, with their number."""

    name: Annotated[str, Personal, "The e-mail that was given; empty when it was none, as it may be a password"]
    agent: Annotated[int | None, "The id here of the agent with this e-mail; nothing when there is none"]
    address: Annotated[str, Personal, "From which address"]
    attempts: Annotated[int, "How many failed from there with this e-mail within a minute, this one included"] = 1
    from_address: Annotated[int, "How many failed from there with any e-mail within a minute"] = 1

    def sentence(self) -> str:
        who = f"as “{self.name}”" if self.name else "with something that is no e-mail"
        often = f", for the {self.attempts}th time within a minute" if self.attempts > 1 else ""
        more = f"; {self.from_address} failed from {self.address}" if self.from_address > self.attempts else ""
        return f"Signing in {who} failed{often}{more}"


@dataclass(frozen=True, kw_only=True)
class RightsChanged(Event):
    """What an agent or a role may do is more or less from now on; in an agent's case also whether they may sign in."""

    kind: Annotated[str, "Whose rights they are: agent or role"]
    key: Annotated[str, "The agent's or the role's id here"]
    name: Annotated[str, Personal, "What the agent or the role is called"]
    given: Annotated[list[str], "What came, such as: the role Support manager"]
    taken: Annotated[list[str], "What went"]
    holders: Annotated[list[str], Personal, "Of a role, whom it concerns: the first hundred of who has it"]

    def sentence(self) -> str:
        whose = f"The role {self.name}" if self.kind == "role" else self.name
        now, no_longer = _few(self.given), _few(self.taken)
        if not now:
            return f"{whose} no longer has {no_longer}"
        return f"{whose} now has {now}" + (f", and no longer {no_longer}" if no_longer else "")


def _few(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
