"""The steps of a request's life, each a dialog: which are legal says the table in states.py."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action
from unfold.enums import ActionVariant

from apps.people.acting import Acting
from apps.rfhs import services
from apps.rfhs.admin.dialog import StepForm, asks
from apps.rfhs.admin.forms import (
    AnswerForm,
    BecauseForm,
    HandOverForm,
    RerouteForm,
    ResolveForm,
    SolvedForm,
    WithdrawForm,
)
from apps.rfhs.models import RFH
from apps.rfhs.states import Step

# The action of each step; filing is no dialog: the form proposes the team.
ACTIONS: dict[Step, str] = {
    Step.ASK_TEAMMATES: "ask_teammates",
    Step.SOLVE_BY_TEAMMATE: "solve_by_teammate",
    Step.FILE: "go_on",
    Step.ACKNOWLEDGE: "acknowledge",
    Step.START: "start",
    Step.ANSWER: "answer",
    Step.RESOLVE: "resolve",
    Step.HAND_OVER: "hand_over",
    Step.REROUTE: "reroute",
    Step.WITHDRAW: "withdraw",
    Step.REOPEN: "reopen",
}
# What leads on; the others lead aside, and are in a second row.
MAIN = ("go_on", "ask_teammates", "solve_by_teammate", "acknowledge", "start", "answer", "resolve")


class Steps:
    """Part of the admin of requests."""

    @action(
        description="Go on in the form",
        icon="edit_note",
        permissions=["work"],
        variant=ActionVariant.PRIMARY,
    )
    def go_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("rfhs:form", args=[int(object_id)]))

    @asks(
        "Ask teammates",
        "It is posted to support's own channel, and nobody of engineering hears of it yet.",
        "Ask them",
        icon="forum",
    )
    def ask_teammates(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.ask_teammates(rfh, by=by, now=now)
        return f"Teammates are asked about {rfh}."

    @asks(
        "Solved by a teammate",
        "The request ends here, and engineering was not needed.",
        "Yes, it is solved",
        SolvedForm,
        icon="diversity_3",
    )
    def solve_by_teammate(self, rfh: RFH, form: SolvedForm, by: Acting, now: datetime) -> str:
        said = form.cleaned_data
        services.solved_by_teammate(rfh, answer=said["answer"], answered_by=said["answered_by"], by=by, now=now)
        return f"{rfh} is solved by {rfh.answered_by}: engineering was not needed."

    @asks(
        "Acknowledge",
        "You take it: it is yours, and nobody further is told.",
        "Yes, it is mine",
        icon="front_hand",
        variant=ActionVariant.PRIMARY,
    )
    def acknowledge(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.acknowledge(rfh, by=by, now=now)
        return f"{rfh} is yours."

    @asks("Start", "Everybody sees that it is being worked on.", "Yes, I work on it", icon="play_arrow")
    def start(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.start(rfh, by=by, now=now)
        return f"{rfh} is in progress."

    @asks(
        "Answer",
        "Whoever is accountable hears it, and goes on from here with the customer.",
        "Give the answer",
        AnswerForm,
        icon="reply",
        variant=ActionVariant.PRIMARY,
    )
    def answer(self, rfh: RFH, form: AnswerForm, by: Acting, now: datetime) -> str:
        services.answer(rfh, answer=form.cleaned_data["answer"], by=by, now=now)
        return f"{rfh} is answered."

    @asks(
        "Resolve",
        "The customer is served. What we learned stays for everybody.",
        "Resolve",
        ResolveForm,
        icon="check_circle",
    )
    def resolve(self, rfh: RFH, form: ResolveForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in ("solved_by", "answer", "learned")}
        services.resolve(rfh, **said, by=by, now=now, version=form.read)
        return f"{rfh} is resolved."

    @asks(
        "Hand over",
        "Another team has it from then on, and hears of it. A Sustained Engineering Team goes on telling everybody.",
        "Hand it over",
        HandOverForm,
        icon="move_up",
    )
    def hand_over(self, rfh: RFH, form: HandOverForm, by: Acting, now: datetime) -> str:
        said = form.cleaned_data
        channel = said["incident_channel"].slack_id if said["incident_channel"] else ""
        # One transaction: the version is checked once, at its beginning.
        services.change(rfh, {"incident_channel": channel}, by=by, now=now, version=form.read)
        services.hand_over(rfh, team=said["team"], note=said["note"], by=by, now=now)
        return f"{rfh} is with {said['team']} now."

    @asks(
        "Re-route",
        "It is a feature, or a bug of low urgency: its owner plans it, and our part ends. It can be reopened.",
        "Re-route it",
        RerouteForm,
        icon="alt_route",
    )
    def reroute(self, rfh: RFH, form: RerouteForm, by: Acting, now: datetime) -> str:
        to = form.cleaned_data["to"]
        services.reroute(rfh, to=to, note=form.cleaned_data["note"], by=by, now=now, version=form.read)
        return f"{rfh} is re-routed to {to}: our part ends."

    @asks(
        "Withdraw",
        "Help is not needed any more; a team that was asked hears why. It can be reopened.",
        "Yes, withdraw it",
        WithdrawForm,
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def withdraw(self, rfh: RFH, form: WithdrawForm, by: Acting, now: datetime) -> str:
        services.withdraw(rfh, because=form.cleaned_data["because"], by=by, now=now)
        return f"{rfh} is withdrawn."

    @asks(
        "Reopen",
        "It was not over: the team has it in its queue again, or support in its drafts.",
        "Reopen it",
        BecauseForm,
        icon="refresh",
    )
    def reopen(self, rfh: RFH, form: BecauseForm, by: Acting, now: datetime) -> str:
        services.reopen(rfh, because=form.cleaned_data["because"], by=by, now=now)
        return f"{rfh} is open again: {rfh.get_state_display().lower()}."
