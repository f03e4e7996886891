"""The words of a tier's message, with placeholders. Pure."""

from __future__ import annotations

import string
from collections.abc import Mapping

PLACEHOLDERS = {
    "people": "who is meant, as mentions",
    "ticket": "the ticket's number, linked",
    "subject": "its subject",
    "customer": "the customer's name",
    "plan": "the plan",
    "severity": "urgent, high, normal or low",
    "type": "question, problem, …",
    "policy": "the policy's name",
    "promise": "such as “first response within 50 min”",
    "tier": "the tier's number",
    "waiting": "how long the customer has waited, such as “10 min”",
    "due": "when the promise falls due",
    "next": "who hears next, and when",
}

USUAL = "{people} {ticket} has waited {waiting} for a first response."


def unknown_placeholders(template: str) -> list[str]:
    """What in the template could not be filled in, as a person would see it; empty when all is well."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return ["a single { or }"]
    found = []
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            found.append("{" + name + "}")
    return found


def fill(template: str, words: Mapping[str, str]) -> str:
    """The message; a template that went bad gives the usual words rather than none."""
    chosen = USUAL if not template.strip() or unknown_placeholders(template) else template
    return chosen.format_map({name: words.get(name, "") for name in PLACEHOLDERS})
