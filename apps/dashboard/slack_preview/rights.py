"""Who may do what in the Slack preview."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from apps.integrations.slack import (
    asking,
    incident_buttons,
    incident_modals,
    page_messages,
    rfh_buttons,
    rfh_modals,
    swap_messages,
)

ONLY_LOOKING = "You may look; posting and answering are for agents and support managers."
NOT_THIS = "Your role may not do this here."
TICKETS, PAGES, SHIFTS = "tickets.change_ticket", "pages.add_page", "rotations.take_shift"
ASKING, HELPING = "rfhs.add_rfh", "rfhs.change_rfh"
DECLARING, UPDATING = "incidents.add_incident", "incidents.change_incident"
# What a button of the bot's asks of whoever presses it here; a button that is not named: as tickets do.
ASKS = {
    **dict.fromkeys(page_messages.BUTTONS, PAGES),
    **dict.fromkeys(swap_messages.BUTTONS, SHIFTS),
    **dict.fromkeys(rfh_buttons.BUTTONS, HELPING),
    asking.NEW: ASKING,
    **dict.fromkeys(incident_buttons.BUTTONS, UPDATING),
}
# The same of whoever sends a modal here.
MODALS_ASK = {
    rfh_modals.ASK: ASKING,
    rfh_modals.FROM_MESSAGE: ASKING,
    rfh_modals.ANSWER: HELPING,
    rfh_modals.SOLVED: HELPING,
    incident_modals.DECLARE: DECLARING,
    **dict.fromkeys((incident_modals.CHOOSE, incident_modals.UPDATE, incident_modals.CLOSE), UPDATING),
}


class View(Protocol):
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse: ...


def in_the_demo(view: View) -> View:
    """There only in demo mode, for people signed in: it speaks in other people's names."""
    signed_in = admin.site.admin_view(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return signed_in(request, *args, **kwargs)

    return guarded


def who_may(right: Callable[[HttpRequest], str]) -> Callable[[View], View]:
    """For those who have the right that the request asks for: the preview's posts are real, and open real promises."""

    def decorated(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.has_perm(right(request)):
                return view(request, *args, **kwargs)
            sentence = ONLY_LOOKING if right(request) == TICKETS else NOT_THIS
            if is_script(request):
                return JsonResponse({"said": sentence, "error": True, "fields": {}}, status=403)
            return HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8")

        return guarded

    return decorated


def _asked_by_the_button(request: HttpRequest) -> str:
    return ASKS.get(request.POST.get("action_id", ""), TICKETS)


who_may_act = who_may(lambda request: TICKETS)
who_may_press = who_may(_asked_by_the_button)
who_may_page = who_may(lambda request: PAGES)
who_may_ask = who_may(lambda request: ASKING)
who_may_choose = who_may(lambda request: DECLARING if "declare" in request.POST else ASKING)
who_may_update = who_may(lambda request: UPDATING)


def is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"
