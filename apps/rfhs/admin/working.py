"""What is done about a request while it lasts, each a dialog: who works on it, what is told, and what is known."""

from __future__ import annotations

from datetime import datetime

from apps.people.acting import Acting
from apps.rfhs import services
from apps.rfhs.admin.dialog import StepForm, asks
from apps.rfhs.admin.forms import (
    AccountableForm,
    AssignForm,
    DetailsForm,
    EstimateForm,
    JoinForm,
    NudgeForm,
    PriorityForm,
    UpdateForm,
)
from apps.rfhs.models import RFH

Works = RFH.WorksWithCustomer


def possible(rfh: RFH, viewer: int | None) -> list[str]:
    """The actions that make sense as the request is, in the order of their buttons."""
    if rfh.is_over:
        return []
    with_team = rfh.team_id is not None
    manager = rfh.customer.account_manager_id if rfh.customer else None
    wanted = {
        "add_details": True,
        "post_update": True,
        "take_over": rfh.owner_id != viewer,
        "assign": True,
        "nudge": with_team,
        "change_priority": True,
        "change_accountable": True,
        "ask_to_join": with_team and rfh.works_with_customer == Works.NOT_ASKED,
        "answer_join": with_team,
        "bring_in": rfh.works_with_customer == Works.YES and rfh.brought_in_at is None,
        "ask_estimate": with_team,
        "give_estimate": with_team,
        "follow": manager is not None and not rfh.account_manager_follows,
        "unfollow": manager is not None and rfh.account_manager_follows,
    }
    return [name for name, sensible in wanted.items() if sensible]


class Working:
    """Part of the admin of requests."""

    @asks(
        "Add what is missing",
        "The more is known, the sooner there is an answer. What others wrote stays.",
        "Save",
        DetailsForm,
        icon="playlist_add_check",
    )
    def add_details(self, rfh: RFH, form: DetailsForm, by: Acting, now: datetime) -> str:
        changed = services.change(rfh, {"context": form.given}, by=by, now=now)
        lacking = len(rfh.missing)
        rest = f"{lacking} of {len(rfh.details)} are missing still." if lacking else "Nothing is missing."
        return f"The details are saved. {rest}" if changed else f"Nothing changed. {rest}"

    @asks("Post an update", "The promise of updates starts anew.", "Post it", UpdateForm, icon="campaign")
    def post_update(self, rfh: RFH, form: UpdateForm, by: Acting, now: datetime) -> str:
        services.post_update(rfh, text=form.cleaned_data["text"], by=by, now=now)
        return "The update is posted."

    @asks(
        "Take over",
        "You work on it from now on; who is accountable to the customer stays so.",
        "Yes, I take it",
        icon="pan_tool_alt",
    )
    def take_over(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        assert by.agent
        services.assign(rfh, to=by.agent, by=by, now=now, because="taken over", version=form.read)
        return f"{rfh} is yours."

    @asks(
        "Assign",
        "They hear of it. Who is accountable to the customer stays so.",
        "Assign",
        AssignForm,
        icon="person_add",
    )
    def assign(self, rfh: RFH, form: AssignForm, by: Acting, now: datetime) -> str:
        said = form.cleaned_data
        services.assign(rfh, to=said["owner"], because=said["because"], by=by, now=now, version=form.read)
        return f"{said['owner']} works on {rfh}."

    @asks(
        "Nudge",
        "Whoever works on it, else the team, is asked how it stands. That moves nothing.",
        "Ask",
        NudgeForm,
        icon="notifications",
    )
    def nudge(self, rfh: RFH, form: NudgeForm, by: Acting, now: datetime) -> str:
        services.nudge(rfh, text=form.cleaned_data["text"], by=by, now=now)
        return f"{rfh.owner or rfh.team} is asked how {rfh} stands."

    @asks("Change the priority", "With a reason, which the team reads.", "Change it", PriorityForm, icon="flag")
    def change_priority(self, rfh: RFH, form: PriorityForm, by: Acting, now: datetime) -> str:
        said = {name: form.cleaned_data[name] for name in ("priority", "priority_because")}
        services.change(rfh, said, by=by, now=now, version=form.read)
        return f"{rfh} is {rfh.get_priority_display()}."

    @asks(
        "Change who is accountable",
        "Whoever is accountable answers to the customer until the end, whoever works on it. Both hear.",
        "Change it",
        AccountableForm,
        icon="supervisor_account",
        button="Accountable",
    )
    def change_accountable(self, rfh: RFH, form: AccountableForm, by: Acting, now: datetime) -> str:
        said = form.cleaned_data
        services.make_accountable(rfh, to=said["accountable"], because=said["because"], by=by, now=now)
        return f"{said['accountable']} is accountable for {rfh}."

    @asks(
        "Ask the engineer to work with the customer",
        "Whoever works on it, else the team, is asked; they may say no. Support stays accountable either way.",
        "Ask",
        icon="handshake",
        button="Ask to work with the customer",
    )
    def ask_to_join(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.ask_to_join(rfh, by=by, now=now)
        return f"{rfh.owner or rfh.team} is asked."

    @asks(
        "Work with the customer directly",
        "For the engineer to say. Support stays accountable either way.",
        "Say so",
        JoinForm,
        icon="connect_without_contact",
        button="Work with the customer?",
    )
    def answer_join(self, rfh: RFH, form: JoinForm, by: Acting, now: datetime) -> str:
        if form.cleaned_data["answer"] == "no":
            services.stay_behind(rfh, by=by, now=now)
            return "Support goes on telling the customer."
        return services.join_customer(rfh, engineer=form.cleaned_data["engineer"], by=by, now=now)

    @asks(
        "The engineer is in",
        "They are in cc on the ticket, or you brought them and the customer together otherwise.",
        "Yes, they are in",
        icon="task_alt",
    )
    def bring_in(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.bring_in(rfh, by=by, now=now)
        return f"{rfh.owner or 'The engineer'} and the customer are together."

    @asks(
        "Ask for an estimate",
        "The team is asked by when it may know more. What it says is no promise.",
        "Ask",
        icon="event_upcoming",
    )
    def ask_estimate(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.ask_estimate(rfh, by=by, now=now)
        return f"{rfh.owner or rfh.team} is asked for an estimate."

    @asks(
        "Give an estimate",
        "Everybody sees it, marked as no promise.",
        "Give it",
        EstimateForm,
        icon="event_available",
    )
    def give_estimate(self, rfh: RFH, form: EstimateForm, by: Acting, now: datetime) -> str:
        services.give_estimate(rfh, estimate=form.cleaned_data["estimate"], by=by, now=now)
        return "The estimate is given; everybody sees it as no promise."

    @asks(
        "Let the account manager follow",
        "They hear every update from now on.",
        "Yes",
        icon="visibility",
        button="Account manager follows",
    )
    def follow(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.follow(rfh, follows=True, by=by, now=now)
        return "The account manager hears updates."

    @asks(
        "Let the account manager follow no more",
        "They hear no updates from now on.",
        "Yes",
        icon="visibility_off",
        button="Account manager follows no more",
    )
    def unfollow(self, rfh: RFH, form: StepForm, by: Acting, now: datetime) -> str:
        services.follow(rfh, follows=False, by=by, now=now)
        return "The account manager hears no updates any more."
