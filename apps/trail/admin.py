"""The trail in the admin: its list and its entries are pages of their own, and followers say how far they have read."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, DateTimeField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.dashboard import dialogs, moments
from apps.trail import following
from apps.trail.audited import ReadOnly
from apps.trail.errors import TrailError
from apps.trail.models import Follower, StoredEvent

MOST_COUNTED = 10_000
# What a follower has not seen, from the index of the reading order: how many, counted so far, and since when. Nothing
# of it comes from people.
UNSEEN = """
FROM trail_storedevent e
WHERE (e.epoch, e.transaction, e.position)
    > (trail_follower.epoch, trail_follower.transaction, trail_follower.position)
ORDER BY e.epoch, e.transaction, e.position
"""
COUNT = f"(SELECT count(*) FROM (SELECT {UNSEEN} LIMIT %s) AS unseen)"  # noqa: S608
SINCE = f"(SELECT e.recorded_at {UNSEEN} LIMIT 1)"
# Reading along, a follower is this little behind.
USUAL = 5


@admin.register(StoredEvent)
class StoredEventAdmin(ReadOnly, ModelAdmin):
    """Events. The database would refuse a change as well."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = request.GET.urlencode()
        return HttpResponseRedirect(reverse("trail") + (f"?{query}" if query else ""))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return HttpResponseRedirect(reverse("trail_event", args=[int(object_id)]))


class SendBackForm(BaseDialogForm):
    """From which event on the follower reads once more."""

    position = forms.IntegerField(
        label="From event",
        min_value=1,
        max_value=2**63 - 1,
        help_text="An event's number, as in its address: /trail/4711/ is event 4711.",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )


@admin.register(Follower)
class FollowerAdmin(ReadOnly, ModelAdmin):
    """Who reads along after the commit, how far each has read, and what holds it up."""

    # list
    list_display = ("name", "state", "behind", "waiting_since", "reads_on_from", "held", "trouble")
    list_display_links = ("name",)
    list_fullwidth = True
    show_full_result_count = False

    # form
    fields = ("name", "state", "behind", "waiting_since", "reads_on_from", "held", "moved", "trouble")
    readonly_fields = fields

    # behaviour
    actions_detail: ClassVar[list[str]] = ["send_back"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Follower]:
        followers: QuerySet[Follower] = super().get_queryset(request)
        return followers.annotate(
            unseen=RawSQL(COUNT, [MOST_COUNTED + 1], output_field=BigIntegerField()),  # noqa: S611
            unseen_since=RawSQL(SINCE, [], output_field=DateTimeField()),  # noqa: S611
        )

    @display(
        description="State",
        label={"Reads along": "success", "Behind": "warning", "Failing": "danger", "Read by nobody": "info"},
    )
    def state(self, follower: Follower) -> str:
        if follower.name not in {known.name for known in following.followers()}:
            return "Read by nobody"
        if follower.failing_since:
            return "Failing"
        return "Reads along" if follower.unseen <= USUAL else "Behind"  # type: ignore[attr-defined]

    @display(description="Events behind")
    def behind(self, follower: Follower) -> str:
        unseen: int = follower.unseen  # type: ignore[attr-defined]
        return f"more than {MOST_COUNTED:,}" if unseen > MOST_COUNTED else f"{unseen:,}"

    @display(description="Oldest of those", empty_value="–")
    def waiting_since(self, follower: Follower) -> SafeString | None:
        since = follower.unseen_since  # type: ignore[attr-defined]
        return moments.ago(since, timezone.now()) if since else None

    @display(description="Has read to", empty_value="Nothing yet")
    def reads_on_from(self, follower: Follower) -> SafeString | None:
        if not follower.position:
            return None
        page = reverse("trail_event", args=[follower.position])
        return format_html('<a class="portal-link" href="{}">Event {}</a>', page, follower.position)

    @display(description="Process", empty_value="None now")
    def held(self, follower: Follower) -> SafeString | None:
        if not follower.lease or follower.leased_until is None or follower.leased_until <= timezone.now():
            return None
        until = moments.moment(follower.leased_until, timezone.now())
        return format_html("{}, until {}", follower.lease[:8], until)

    @display(description="Last moved", empty_value="Never")
    def moved(self, follower: Follower) -> SafeString | None:
        return moments.moment(follower.moved_at, timezone.now()) if follower.moved_at else None

    @display(description="Trouble", empty_value="None")
    def trouble(self, follower: Follower) -> SafeString | None:
        if follower.failing_since is None:
            return None
        since = moments.moment(follower.failing_since, timezone.now())
        return format_html('Since {}: <span class="portal-wrap">{}</span>', since, follower.error)

    def has_send_back_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @action(
        description="Read again from …",
        icon="fast_rewind",
        permissions=["send_back"],
        dialog={
            "title": "Read again from an earlier event?",
            "description": (
                "It sees every event from there on once more, in order. What it does in the portal is made anew; what"
                " it tells the outside may be told twice. That you sent it back will be on the trail."
            ),
            "form_class": SendBackForm,
            "form_submit_text": "Yes, read again",
        },
    )
    def send_back(self, request: HttpRequest, form: SendBackForm, object_id: str) -> HttpResponse:
        if not self.has_send_back_permission(request):
            raise PermissionDenied
        try:
            following.send_back(object_id, to=form.cleaned_data["position"], now=timezone.now())
            messages.success(request, f"{object_id} reads on from event {form.cleaned_data['position']}.")
        except TrailError as refusal:
            messages.error(request, str(refusal))
        return dialogs.leave(request, reverse("admin:trail_follower_change", args=[object_id]))
