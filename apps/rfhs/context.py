"""What engineering needs to know before it can help, why, and how to ask the customer for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """One thing to know: its name, label, why it is asked for, and words a customer can be asked with.

    The words never say that engineering is needed: that erodes trust (Sourcegraph, Engaging other teams, step 1).
    """

    name: str
    label: str
    reason: str
    ask: str


DETAILS: tuple[Detail, ...] = (
    Detail(
        "environment",
        "Customer's environment",
        "The same symptom has other causes on other versions and platforms.",
        "Which version do you run, and where: platform, database, number of users?",
    ),
    Detail(
        "steps_to_reproduce",
        "Steps to reproduce",
        "What can be seen again can be mended; attach screenshots and logs.",
        "Which steps lead to it, from a fresh start, and what do you see instead of what you expect?",
    ),
    Detail(
        "recent_changes",
        "What they changed lately",
        "Most faults begin with a change, of anything, not only of our product.",
        "Did anything change in the days before, also beside our product: network, proxy, sign-in, upgrades?",
    ),
    Detail(
        "affected",
        "Users affected",
        "A few examples tell what those who are affected have in common.",
        "Could you name a few users, or a few cases, that are affected?",
    ),
    Detail(
        "not_affected",
        "Users not affected",
        "The difference to those it works for often is the answer.",
        "And are there users, or cases, for which it works? What is different about them?",
    ),
    Detail(
        "urgency",
        "Urgency",
        "It decides the priority, and what the team is told about the timeline.",
        "What does this keep you from doing, and is there a date by which you need it?",
    ),
)
NAMES: tuple[str, ...] = tuple(detail.name for detail in DETAILS)

# What Mattermost's SET must find in an item, always and by symptom.
ALWAYS: tuple[Detail, ...] = (
    Detail("version", "Product version", "The first thing to rule out.", "Which exact version do you run?"),
    Detail(
        "database",
        "Database type and version",
        "Plans and limits differ by database.",
        "Which database do you use, in which version?",
    ),
    Detail(
        "configuration",
        "Configuration used",
        "Settings explain half of what looks like a fault.",
        "Could you send the configuration, without passwords?",
    ),
    Detail("logs", "Relevant logs", "They say what the server saw.", "Could you send the logs around the time?"),
)
SYMPTOMS: dict[str, tuple[Detail, ...]] = {
    "slow": (
        Detail(
            "what_is_slow",
            "What is slow",
            "The server, the client and one request are three different searches.",
            "What exactly is slow: everything, the client, or a particular page or request?",
        ),
        Detail("cpu_profile", "CPU profile", "It shows where the time goes.", "Could you take a CPU profile?"),
    ),
    "memory": (
        Detail("heap_profile", "Heap profile", "It shows what holds the memory.", "Could you take a heap profile?"),
    ),
    "stuck": (Detail("stack_trace", "Stack trace", "It shows what waits for what.", "Could you take a stack trace?"),),
}
SYMPTOM_NAMES = (("slow", "Slow"), ("memory", "Memory"), ("stuck", "Stuck"))


def wanted(*, set_item: bool, symptoms: Iterable[str] = ()) -> tuple[Detail, ...]:
    """The details a request should have: the six of support, and for a SET item those of its symptoms."""
    if not set_item:
        return DETAILS
    chosen = set(symptoms)
    return ALWAYS + tuple(detail for name, details in SYMPTOMS.items() if name in chosen for detail in details)


def missing(given: Mapping[str, str], details: Sequence[Detail] = DETAILS) -> list[Detail]:
    """The details nobody has given yet; blanks are nothing."""
    return [detail for detail in details if not given.get(detail.name, "").strip()]


def completeness(given: Mapping[str, str], details: Sequence[Detail] = DETAILS) -> float:
    """The share of the details that are given, 0 to 1."""
    return 1 - len(missing(given, details)) / len(details) if details else 1.0


def question(lacking: Sequence[Detail], *, customer: str = "") -> str:
    """What to write to the customer to get what is missing; empty when nothing is."""
    if not lacking:
        return ""
    greeting = f"Hi {customer},\n\n" if customer else "Hi,\n\n"
    asks = "\n".join(f"- {detail.ask}" for detail in lacking)
    return f"{greeting}so that I can talk with some of my teammates about this one, could you tell me:\n\n{asks}\n"
