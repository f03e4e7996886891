"""The pages on which people outside subscribe, choose and leave: no cookies, no script, no sign-in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.statuspage import layout
from apps.statuspage.errors import BadLink, BadSubscriber, SubscribingError, TooMany
from apps.statuspage.models import Subscriber
from apps.statuspage.subscribing import links, services
from apps.statuspage.visible import public_components
from apps.trail.context import Actor, acting

Kind = Subscriber.Kind
STYLE = f"{layout.STYLE}\n{(Path(settings.BASE_DIR) / 'templates' / 'subscribing' / 'style.css').read_text().strip()}"
# As the other public pages, with a style of its own and without their script.
POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src {layout.hashed(STYLE)}",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
SALT = "statuspage.form"
# How long a form may stay open.
AT_MOST = timedelta(hours=6)
# Of one address, within an hour: a whole office may be behind it.
MOST_OF_ONE = 30
HOUR = 3600
View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """A page that anybody may open and post: no cookie says who they are, so there is none to be abused."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answer(request: HttpRequest, **said: str) -> HttpResponse:
        with acting(actor=Actor(kind="integration", id="status-page", label="A reader of the status page")):
            response = view(request, **said)
        response.headers["Content-Security-Policy"] = POLICY
        # Addresses here are keys: nobody keeps or passes them on.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return answer


@public
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and what becomes of it: an email that asks whether they want it."""
    if request.method != "POST":
        return _form(request, {})
    if request.POST.get("website"):
        # Nobody sees this field, so nobody fills it in but a program; it learns nothing.
        return _asked(request)
    try:
        _look(request)
        services.subscribe(
            request.POST.get("kind", Kind.EMAIL),
            email=request.POST.get("email", ""),
            url=request.POST.get("url", ""),
            components=request.POST.getlist("component"),
            now=timezone.now(),
        )
    except TooMany as refused:
        return _form(request, {"": [str(refused)]}, status=429)
    except BadSubscriber as refused:
        return _form(request, refused.errors, status=400)
    return _asked(request)


@public
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing, as programs look at links in emails; the button says yes."""
    try:
        subscriber = links.read(token, links.CONFIRM)
    except BadLink as refused:
        return _said(request, "This link is no longer good", str(refused), status=404)
    if request.method == "POST":
        services.confirm(subscriber, now=timezone.now())
    return render(
        request,
        "subscribing/confirm.html",
        {**_around(), "subscriber": subscriber, "manage": links.manage(subscriber), "secret": _secret(subscriber)},
    )


@public
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """What they hear of, and leaving."""
    try:
        subscriber = links.read(token, links.MANAGE)
    except BadLink as refused:
        return _said(request, "This link is no longer good", str(refused), status=404)
    now, notice, errors = timezone.now(), "", dict[str, list[str]]()
    match request.POST.get("step") if request.method == "POST" else None:
        case "leave":
            services.leave(subscriber, now=now)
            return _left(request)
        case "enable":
            services.enable(subscriber, now=now)
            notice = "Your webhook hears again of what happens from now on."
        case "choose":
            try:
                services.choose(subscriber, request.POST.getlist("component"), now=now)
                notice = "Your choice is kept."
            except SubscribingError as refused:
                errors = getattr(refused, "errors", {"": [str(refused)]})
    chosen = set(subscriber.components.values_list("public_id", flat=True))
    context = {
        "subscriber": subscriber,
        "groups": _groups(chosen),
        "notice": notice,
        "errors": errors,
        "secret": _secret(subscriber),
        "all": not chosen,
    }
    return render(request, "subscribing/manage.html", {**_around(), **context}, status=400 if errors else 200)


@public
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """One POST of a mail program (RFC 8058) is enough; a person who looks is asked."""
    try:
        subscriber = links.read(token, links.MANAGE)
    except BadLink as refused:
        # Who left already has what they wanted.
        return _said(request, "Nothing to leave", str(refused), status=200 if request.method == "POST" else 404)
    if request.method == "POST":
        services.leave(subscriber, now=timezone.now())
        return _left(request)
    return render(request, "subscribing/leave.html", {**_around(), "subscriber": subscriber})


def _look(request: HttpRequest) -> None:
    """Raises BadSubscriber or TooMany where this looks like no person."""
    try:
        signing.loads(request.POST.get("stamp", ""), salt=SALT, max_age=AT_MOST)
    except signing.BadSignature:
        raise BadSubscriber("", "This form was open for too long. What you typed is still here: send it again.")
    key = f"statuspage.subscribe:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, HOUR)
    try:
        count = cache.incr(key)
    except ValueError:
        # It ended between the two.
        count = 1
    if count > MOST_OF_ONE:
        raise TooMany("Too many asked from your address within the hour. Try again later.")


def _form(request: HttpRequest, errors: Mapping[str, list[str]], status: int = 200) -> HttpResponse:
    said = request.POST
    context = {
        "errors": errors,
        "general": errors.get("", []),
        "kind": said.get("kind", Kind.EMAIL),
        "email": said.get("email", ""),
        "url": said.get("url", ""),
        "groups": _groups(set(said.getlist("component"))),
        "stamp": signing.dumps("subscribe", salt=SALT),
        "mails": settings.EMAIL_IS_SET_UP,
    }
    return render(request, "subscribing/form.html", {**_around(), **context}, status=status)


def _asked(request: HttpRequest) -> HttpResponse:
    return _said(
        request,
        "Look into your mailbox",
        "An email is on its way with a link to say that you want this. You hear nothing before you do; if nothing "
        "comes within some minutes, look into the folder of unwanted mail, or subscribe again.",
    )


def _left(request: HttpRequest) -> HttpResponse:
    return _said(request, "You left", "You hear no more, and nothing of you is kept.")


def _said(request: HttpRequest, title: str, text: str, status: int = 200) -> HttpResponse:
    context = {**_around(), "title": title, "text": text}
    return render(request, "subscribing/said.html", context, status=status)


def _groups(chosen: set[str]) -> list[dict[str, Any]]:
    """The components the public may know of, in their groups, those chosen marked."""
    rows = list(public_components())
    return [
        {
            "name": name,
            "components": [{"id": each.public_id, "name": each.name, "on": each.public_id in chosen} for each in some],
        }
        for name, some in groupby(rows, key=lambda each: each.group.name if each.group else "")
    ]


def _secret(subscriber: Subscriber) -> str:
    """Shown to whom the webhook belongs, once they said yes."""
    shown = subscriber.kind == Kind.WEBHOOK and subscriber.confirmed_at is not None
    return links.secret_of(subscriber) if shown else ""


def _around() -> dict[str, Any]:
    # Ours, and its hash is in the policy: escaped it would be another text.
    style = mark_safe(STYLE)  # noqa: S308
    return {"site": settings.STATUS_PAGE_NAME, "style": style, "form": reverse("subscribing:form")}
