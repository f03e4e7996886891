"""What an issue is told of its request. Pure.

The private tracker hears everything; in public nothing is said that somebody wrote for us alone.
"""

from __future__ import annotations

SOLVED_BY = {"engineering": "engineering", "support": "support", "customer": "the customer"}


def resolved(*, by: str, solved_by: str, answer: str, learned: str, public: bool, openly: str = "") -> str:
    """The answer, and what was learned. `openly`: the answer, where everybody may read it."""
    if public:
        said = f"\n\n**The answer**\n\n{openly.strip()}" if openly.strip() else ""
        return f"Support's request about this is resolved.{said}"
    parts = [f"**Resolved** by {by}; solved by {SOLVED_BY.get(solved_by, 'somebody')}."]
    parts += [f"**The answer**\n\n{answer}"] if answer.strip() else []
    # Whoever resolves in a hurry writes one text for both.
    parts += [f"**What we learned**\n\n{learned}"] if learned.strip() and learned.strip() != answer.strip() else []
    return "\n\n".join(parts)


def handed_over(*, by: str, source: str, to: str, note: str, public: bool) -> str:
    """Whose it is now."""
    if public:
        return ""
    return f"**Handed over** from {source} to {to} by {by}.\n\n{quoted(note)}"


def rerouted(*, by: str, to: str, note: str, public: bool) -> str:
    """Who plans it now."""
    if public:
        return ""
    return f"**Re-routed** to {to} by {by}: support's part ends here.{f'{chr(10) * 2}{quoted(note)}' if note else ''}"


def withdrawn(*, by: str, because: str, public: bool) -> str:
    """That help is not needed any more."""
    if public:
        return "Support does not need help with this any more."
    return f"**Withdrawn** by {by}: support does not need help with this any more.\n\n{quoted(because)}".rstrip()


def reopened(*, by: str, because: str, public: bool) -> str:
    """That it was not over."""
    if public:
        return "Support's request about this is open again."
    return f"**Reopened** by {by}: it was not over.\n\n{quoted(because)}".rstrip()


def quoted(text: str) -> str:
    """As a blockquote."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
