"""The five steps, and how far a request is in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apps.rfhs.models import RFH


class FormStep(StrEnum):
    """The steps of "Engaging other teams", in their order."""

    CONTEXT = "context"
    TEAMMATES = "teammates"
    TEAM = "team"
    ISSUE = "issue"
    COLLABORATE = "collaborate"


NAMES = {
    FormStep.CONTEXT: "Context",
    FormStep.TEAMMATES: "Teammates first",
    FormStep.TEAM: "Team",
    FormStep.ISSUE: "GitHub issue",
    FormStep.COLLABORATE: "Collaborate",
}
ORDER = tuple(FormStep)


@dataclass(frozen=True)
class Progress:
    """One step as the list above the form shows it."""

    step: FormStep
    name: str
    done: bool
    says: str
    here: bool


def after(step: FormStep) -> FormStep | None:
    """The step that follows."""
    place = ORDER.index(step) + 1
    return ORDER[place] if place < len(ORDER) else None


def before(step: FormStep) -> FormStep | None:
    """The step it follows."""
    place = ORDER.index(step)
    return ORDER[place - 1] if place else None


def progress(rfh: RFH | None, here: FormStep) -> list[Progress]:
    """All five, each with a word on how it stands."""
    return [Progress(step, NAMES[step], *_stands(step, rfh), here=step is here) for step in ORDER]


def first_open(rfh: RFH) -> FormStep:
    """Where to go on."""
    return next((step for step in ORDER if not _stands(step, rfh)[0]), FormStep.COLLABORATE)


def passes_teammates(rfh: RFH) -> bool:
    """Whether step two is done: they were asked, or need not be, or it says why not."""
    return _teammates(rfh)[0]


def _stands(step: FormStep, rfh: RFH | None) -> tuple[bool, str]:
    if rfh is None:
        return False, "To do"
    match step:
        case FormStep.CONTEXT:
            known = len(rfh.details) - len(rfh.missing)
            says = f"{known} of {len(rfh.details)} known"
            return bool(rfh.summary), says if rfh.summary else f"{says}, no summary yet"
        case FormStep.TEAMMATES:
            return _teammates(rfh)
        case FormStep.TEAM:
            return bool(rfh.filing.get("team")), "Chosen" if rfh.filing.get("team") else "To do"
        case FormStep.ISSUE:
            if rfh.filing.get("issue"):
                return True, "Linked"
            tracker = rfh.filing.get("tracker", "")
            return bool(tracker), f"{tracker.capitalize()}" if tracker else "To do"
        case FormStep.COLLABORATE:
            return rfh.filed_at is not None, "To do" if rfh.filed_at is None else "Filed"


def _teammates(rfh: RFH) -> tuple[bool, str]:
    if rfh.asked_teammates_at is not None:
        return True, "Asked"
    if rfh.kind == RFH.Kind.DEFECT:
        return True, "Skipped: a defect"
    if rfh.filing.get("because"):
        return True, "Moved on"
    return False, "To do"
