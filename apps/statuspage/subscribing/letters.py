"""Emails to subscribers."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.html import format_html

from apps.statuspage.models import Delivery, Subscriber
from apps.statuspage.subscribing import links

What = Delivery.What


def letter(delivery: Delivery, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """The email that this delivery is."""
    subscriber, page = delivery.subscriber, settings.STATUS_PAGE_NAME
    home = f"{settings.BASE_URL}/status/"
    what = "webhook" if subscriber.kind == Subscriber.Kind.WEBHOOK else "email"
    match delivery.what:
        case What.CONFIRM:
            title = f"[{page}] Do you want to hear of incidents?"
            text = (
                f"Somebody, we hope you, wants the status page of {page} ({home}) to tell this address of incidents "
                f"and maintenance{_by(subscriber)}.\n\nOpen this to say yes; it is good for a week:\n"
                f"{links.confirm(subscriber)}\n\nIf it was not you, do nothing: you hear no more, and your address is "
                "forgotten within a week."
            )
        case What.KNOWN:
            title = f"[{page}] You are subscribed already"
            text = (
                f"Somebody asked to subscribe you to the status page of {page} by {what}{_by(subscriber)}; you are. "
                f"Here you choose what you hear of, or leave:\n{links.manage(subscriber)}"
            )
        case What.DISABLED:
            title = f"[{page}] Your webhook failed for a day and is disabled"
            text = (
                f"Every message to {subscriber.url} failed for 24 hours, so none are sent any more. The last time: "
                f"{subscriber.trouble}\n\nOnce it is mended say so here, and it hears of what happens from then on:\n"
                f"{links.manage(subscriber)}\n\nWhat happened meanwhile is at {home}"
            )
        case _:
            assert delivery.announcement is not None
            title = delivery.announcement.title
            text = (
                f"{delivery.announcement.text}\n\n--\nYou get this because you subscribed at {home}\n"
                f"Choose what you hear of, or leave: {links.manage(subscriber)}"
            )
    headers = {
        # The same however often one is tried, so that mail programs show it once.
        "Message-ID": f"<{delivery.pk}.{subscriber.public_id}@{_host()}>",
        "Auto-Submitted": "auto-generated",
    }
    if delivery.what != What.CONFIRM:
        # RFC 8058: one click in the mail program, without a page.
        headers["List-Unsubscribe"] = f"<{links.leave(subscriber)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(title, text, to=[subscriber.email], headers=headers, connection=connection)
    if delivery.announcement is not None:
        foot = format_html(
            '<hr><p>You get this because you subscribed at <a href="{}">{}</a>. '
            '<a href="{}">Choose what you hear of, or leave</a>.</p>',
            home,
            home,
            links.manage(subscriber),
        )
        message.attach_alternative(f"<!doctype html>\n{delivery.announcement.html}\n{foot}", "text/html")
    return message


def _by(subscriber: Subscriber) -> str:
    return f", by a webhook at {subscriber.url}" if subscriber.kind == Subscriber.Kind.WEBHOOK else ""


def _host() -> str:
    return settings.BASE_URL.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"
