"""The Slack preview: its page, its modals, and what one posts and presses there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from apps.dashboard import preview, preview_modals, selectors, slack_modal, slack_payloads
from apps.dashboard.forms import (
    CommandForm,
    MentionForm,
    PageCommandForm,
    PressForm,
    ShortcutForm,
    TicketMessageForm,
)
from apps.dashboard.slack_payloads import Body
from apps.dashboard.slack_preview.rights import (
    ASKING,
    ASKS,
    MODALS_ASK,
    NOT_THIS,
    ONLY_LOOKING,
    PAGES,
    TICKETS,
    UPDATING,
    in_the_demo,
    is_script,
    who_may_act,
    who_may_ask,
    who_may_choose,
    who_may_page,
    who_may_press,
    who_may_update,
)
from apps.integrations.slack import asking, declaring, from_message, inbox, incident_updating
from apps.integrations.slack import services as slack
from apps.sla.models import SEVERITIES, TICKET_TYPES
from apps.tickets import services as tickets
from apps.tickets.errors import TicketError
from apps.trail.context import Actor, acting

PERSONA, DONE = "preview_as", "preview_done"


@in_the_demo
def slack_preview(request: HttpRequest) -> HttpResponse:
    """Slack as it would look, with something to post, mention and press."""
    shown = _channel_context(request)
    context = {
        **admin.site.each_context(request),
        **shown,
        "topic": preview.topic(shown["channel"].slack_id, now=timezone.now()) if shown["channel"] else "",
        "title": "Slack preview",
        "people": preview.people(),
        "teams": preview.teams_to_page(),
        "number": preview.next_number(),
        "severities": SEVERITIES,
        "types": TICKET_TYPES,
        "slack_is_configured": bool(settings.SLACK_BOT_TOKEN),
    }
    return render(request, "dashboard/slack_preview.html", context)


@in_the_demo
def slack_preview_fragment(request: HttpRequest) -> HttpResponse:
    """The channel alone, for the script that keeps it fresh."""
    return render(request, "dashboard/slack_channel.html", _channel_context(request))


def _channel_context(request: HttpRequest) -> dict[str, Any]:
    viewer = _persona(request)
    channels = preview.channels(viewer=viewer.slack_id)
    wanted = request.GET.get("channel", "")
    chosen = next((channel for channel in channels if channel.slack_id == wanted), None)
    chosen = chosen or (channels[0] if channels else None)
    now = timezone.now()
    return {
        "may_act": request.user.has_perm(TICKETS),
        "may_page": request.user.has_perm(PAGES),
        "may_ask": request.user.has_perm(ASKING),
        "may_update": request.user.has_perm(UPDATING),
        "may_press": [action for action, right in ASKS.items() if request.user.has_perm(right)],
        "only_looking": ONLY_LOOKING,
        "channels": channels,
        "channel": chosen,
        "own_pattern": preview.reads_its_own_pattern(chosen.slack_id) if chosen else False,
        "threads": preview.threads(chosen.slack_id, viewer=viewer.slack_id, now=now) if chosen else [],
        "persona": viewer,
        "opened": preview.modal(viewer.slack_id, now=now, done=request.session.get(DONE, [])),
        "worker": selectors.parts(selectors.outbox(), sees_outbox=False, now=now)[0],
        "connected": bool(settings.SLACK_BOT_TOKEN),
    }


def _persona(request: HttpRequest) -> preview.Person:
    """Who one is in the preview: as chosen, else oneself, else the first agent."""
    everybody = {person.slack_id: person for person in preview.people()}
    chosen = request.session.get(PERSONA) or getattr(request.user, "slack_id", None)
    return everybody.get(str(chosen)) or next(iter(everybody.values()))


@require_POST
@in_the_demo
def become(request: HttpRequest) -> HttpResponse:
    """Choose who one is."""
    wanted = request.POST.get("slack_id", "")
    found = next((person for person in preview.people() if person.slack_id == wanted), None)
    if found is None:
        return _said(request, "There is nobody of that name here.", error=True)
    request.session[PERSONA] = found.slack_id
    return _said(request, f"You are {found.name} now.")


@require_POST
@in_the_demo
@who_may_act
def post_ticket(request: HttpRequest) -> HttpResponse:
    """Zendesk posts a ticket in the channel."""
    form = TicketMessageForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    data = form.cleaned_data
    channel = data.pop("channel")
    body = slack_payloads.ticket(channel, preview.ts_of(timezone.now()), **data)
    return _sent(request, body, f"Ticket {data['number']} was posted.", fields={"number": _after(data["number"])})


def _after(number: str) -> str:
    """The next number to suggest; the one just posted is not stored yet."""
    known = preview.next_number()
    return str(int(number) + 1) if known == number and number.isdecimal() else known


@require_POST
@in_the_demo
@who_may_act
def mention(request: HttpRequest) -> HttpResponse:
    """Mention the bot in a thread."""
    form = MentionForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    data = form.cleaned_data
    body = slack_payloads.mention(
        data["channel"],
        preview.ts_of(timezone.now()),
        thread_ts=data["thread_ts"],
        user=_persona(request).slack_id,
        text=data["text"] or "on it",
    )
    return _sent(request, body, f"You mentioned the bot as {_persona(request).name}.")


@require_POST
@in_the_demo
@who_may_press
def press(request: HttpRequest) -> HttpResponse:
    """Press one of the bot's buttons."""
    form = PressForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    data = form.cleaned_data
    body = slack_payloads.press(
        data["channel"],
        preview.ts_of(timezone.now()),
        thread_ts=data["thread_ts"],
        message_ts=data["message_ts"],
        user=_persona(request).slack_id,
        action_id=data["action_id"],
        value=data["value"],
    )
    return _sent(request, body, f"You pressed the button as {_persona(request).name}.")


@require_POST
@in_the_demo
@who_may_page
def page_team(request: HttpRequest) -> HttpResponse:
    """Type /page in the channel."""
    form = PageCommandForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    data = form.cleaned_data
    body = slack_payloads.command(
        "/page",
        data["channel"],
        preview.ts_of(timezone.now()),
        user=_persona(request).slack_id,
        text=f"{data['team'].slug} {data['message']}",
    )
    return _sent(request, body, f"You typed /page as {_persona(request).name}.", fields={"page-message": ""})


@require_POST
@in_the_demo
@who_may_ask
def ask_for_help(request: HttpRequest) -> HttpResponse:
    """Type /rfh in the channel."""
    return _typed(request, asking.COMMAND, "help-text")


@require_POST
@in_the_demo
@who_may_update
def speak_of_incident(request: HttpRequest) -> HttpResponse:
    """Type /create-incident or /update-incident in the channel, whichever button was pressed."""
    return _typed(
        request, incident_updating.COMMAND if "update" in request.POST else declaring.COMMAND, "incident-text"
    )


def _typed(request: HttpRequest, command: str, field: str) -> HttpResponse:
    form = CommandForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    text, who = form.cleaned_data["text"], _persona(request)
    ts = preview.ts_of(timezone.now())
    body = slack_payloads.command(command, form.cleaned_data["channel"], ts, user=who.slack_id, text=text)
    said = f"You typed {command} as {who.name}. A form it opens is above the messages."
    return _sent(request, body, said, fields={field: ""})


@require_POST
@in_the_demo
@who_may_choose
def choose_shortcut(request: HttpRequest) -> HttpResponse:
    """Choose a shortcut from the menu of a message, whichever button was pressed."""
    form = ShortcutForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    channel, who = form.cleaned_data["channel"], _persona(request)
    message = preview.message_at(channel, form.cleaned_data["ts"])
    if message is None:
        return _said(request, "That message is not there any more.", error=True)
    ts = preview.ts_of(timezone.now())
    chosen = declaring if "declare" in request.POST else from_message
    body = slack_payloads.shortcut(chosen.SHORTCUT, channel, ts, user=who.slack_id, message=message)
    return _sent(request, body, f"You chose “{chosen.WHAT}” as {who.name}.")


@require_http_methods(["GET", "POST"])
@in_the_demo
def modal(request: HttpRequest, pk: int) -> HttpResponse:
    """A modal Slack would have opened, as a page; sent, it goes the way Slack's own does."""
    now, who = timezone.now(), _persona(request)
    opened = preview.modal(who.slack_id, now=now, done=request.session.get(DONE, []), pk=pk)
    if opened is None:
        messages.error(request, "That form is gone: it was sent, or it is too old.")
        return HttpResponseRedirect(reverse("slack_preview"))
    typed = dict(request.POST.lists()) if request.method == "POST" else {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        if not request.user.has_perm(MODALS_ASK.get(opened.view["callback_id"], TICKETS)):
            return HttpResponse(NOT_THIS, status=403, content_type="text/plain; charset=utf-8")
        answered = preview_modals.sent(opened, typed, user=who.slack_id, now=now)
        if turned := answered.get("view"):
            slack.would_show(pk, turned)
            return HttpResponseRedirect(request.get_full_path())
        errors = answered.get("errors", {})
        if not errors:
            request.session[DONE] = [*request.session.get(DONE, []), pk][-50:]
            messages.success(request, f"You sent “{opened.title}” as {who.name}.")
            channel = request.GET.get("channel", "")
            address = reverse("slack_preview")
            return HttpResponseRedirect(f"{address}?channel={channel}" if channel.isalnum() else address)
    people = [(person.slack_id, person.name) for person in preview.people()]
    shown = slack_modal.parts(
        opened.view,
        people=people,
        reader=preview.reader(now=now),
        typed=typed,
        errors=errors,
        found_as_typed=preview_modals.found(opened, user=who.slack_id),
    )
    context = {
        **admin.site.each_context(request),
        "title": opened.title,
        "opened": opened,
        "parts": shown,
        "errors": errors,
        "persona": who,
        "channel": request.GET.get("channel", ""),
    }
    return render(request, "dashboard/slack_modal.html", context)


@require_POST
@in_the_demo
@who_may_act
def answer(request: HttpRequest) -> HttpResponse:
    """An agent replies in the help desk, which tells us so."""
    now = timezone.now()
    number = request.POST.get("number", "")[:64]
    try:
        with acting(actor=Actor(kind="integration", id="helpdesk", label=f"Help desk ({_persona(request).name})")):
            tickets.record_reply(tickets.find(number), author="agent", at=now, now=now)
    except TicketError as refusal:
        return _said(request, str(refusal), error=True)
    return _said(request, f"Ticket {number} was answered in the help desk.")


def _sent(request: HttpRequest, body: Body, said: str, fields: dict[str, str] | None = None) -> HttpResponse:
    """Hand the body to what stands below Slack's signature check, and say what came of it."""
    raw, content_type = body
    status, _, _ = inbox.dispatch(raw, {"Content-Type": content_type})
    if status != 200:
        return _said(request, f"The portal would have refused that from Slack ({status}).", error=True)
    return _said(request, said, fields=fields)


def _refused(request: HttpRequest, form: Form) -> HttpResponse:
    errors = [f"{name}: {sentence}" for name, sentences in form.errors.items() for sentence in sentences]
    return _said(request, " ".join(errors), error=True)


def _said(
    request: HttpRequest, sentence: str, *, error: bool = False, fields: dict[str, str] | None = None
) -> HttpResponse:
    """Tell the script, or the page that comes next when there is no script."""
    if is_script(request):
        answer = {"said": sentence, "error": error, "fields": fields or {}}
        return JsonResponse(answer, status=400 if error else 200)
    (messages.error if error else messages.success)(request, sentence)
    channel = request.POST.get("channel", "")
    address = reverse("slack_preview")
    return HttpResponseRedirect(f"{address}?channel={channel}" if channel.isalnum() else address)
