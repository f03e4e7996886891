"""The emails of a portal that sends none: the demo's."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils import timezone
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.dashboard.moments import moment
from apps.statuspage.models import Mail
from apps.trail.audited import AuditedAdmin, ReadOnly

# Signed links have no words to break at, and a phone no room.
WRAPPED = '<div style="overflow-wrap: anywhere">{}</div>'


@admin.register(Mail)
class MailAdmin(ReadOnly, AuditedAdmin):
    """What would have been sent, the newest first."""

    list_display = ("title", "to", "when")
    search_fields = ("to", "title", "text")
    search_help_text = "An address, or words of the email"
    list_fullwidth = True
    list_filter = ()
    fields = ("title", "to", "when", "said", "with_headers")
    readonly_fields = ("title", "to", "when", "said", "with_headers")
    tells_stories = False

    def get_ordering(self, request: HttpRequest) -> Any:
        return ["-at", "-pk"]

    @display(description="Kept", ordering="at")
    def when(self, mail: Mail) -> SafeString:
        return moment(mail.at, timezone.now(), seconds=True)

    @display(description="Text")
    def said(self, mail: Mail) -> SafeString:
        linked = urlize(mail.text, autoescape=True).replace("<a href", '<a class="portal-link" href')
        return format_html(WRAPPED, linebreaksbr(SafeString(linked)))

    @display(description="Headers")
    def with_headers(self, mail: Mail) -> SafeString:
        lines = format_html_join("", "<p>{}: {}</p>", sorted(mail.headers.items()))
        return format_html(WRAPPED, lines)
