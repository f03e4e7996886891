"""What the pages of the board have in common."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse

from apps.rfhs.board.asking import Asked, asked
from apps.rfhs.errors import BadRFH

INPUT = {"class": "portal-input"}
NOT_YOURS = "Only its team, who is accountable for it, agents and managers move this request."


def by_script(request: HttpRequest) -> bool:
    """Whether the page's script asks, and shows the answer itself."""
    return request.headers.get("X-Requested-With") == "fetch"


def filters_of(request: HttpRequest) -> Asked:
    """What the board showed whence somebody came."""
    return asked(QueryDict(request.POST.get("back", request.GET.get("back", ""))).dict())


def back_of(request: HttpRequest) -> str:
    """The board as it was filtered."""
    query = filters_of(request).query
    return f"{reverse('rfhs:board')}{'?' if query else ''}{query}"


def query_of(request: HttpRequest) -> str:
    """The same, as forms send it along."""
    return back_of(request).partition("?")[2]


def tell(request: HttpRequest, sentence: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """The script hears it, or the board that comes next shows it. `status` of 400 and more is a refusal."""
    refused = status >= 400
    if by_script(request):
        return JsonResponse({"said": sentence, "error": refused, **more}, status=status)
    (messages.error if refused else messages.success)(request, sentence)
    return HttpResponseRedirect(back_of(request))


def put_beside(refusal: BadRFH, form: forms.Form) -> None:
    """Each of the service's sentences beside its field; about what the form has not, above them all."""
    for name, sentences in refusal.errors.items():
        form.add_error(name if name in form.fields else None, sentences)
