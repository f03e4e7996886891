"""Every address of the portal but /healthz and /readyz (supportops/health.py)."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.statuspage import views as public
from supportops import pages

handler403 = "supportops.pages.forbidden"

urlpatterns = [
    path("favicon.ico", pages.Icon.as_view()),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("", include("apps.dashboard.urls")),
    path("trail/", include("apps.trail.urls")),
    path("rfhs/", include("apps.rfhs.urls")),
    path("incidents/", include("apps.incidents.urls")),
    path("reports/", include("apps.dashboard.reports.urls")),
    path("pages/", include("apps.pages.urls")),
    path("status/subscribe/", include("apps.statuspage.subscribing.urls")),
    path("status/", include("apps.statuspage.urls")),
    # What programs read of it, at the addresses they know. Before the API, whose last address is every other.
    path("", include("apps.statuspage.v2.urls")),
    path("badge/status.svg", public.read),
    path("history.atom", public.read),
    path("rotations/handovers/", include("apps.rotations.handovers.urls")),
    path("rotations/swaps/", include("apps.rotations.swapping.urls")),
    path("calendars/", include("apps.rotations.exporting.urls")),
    path("rotations/cycles/", include("apps.rotations.cycles.urls")),
    # After what lies below it: a rotation is called none of their names.
    path("rotations/", include("apps.rotations.board.urls")),
    path("slack/", include("apps.integrations.slack.urls")),
    path("helpdesk/", include("apps.integrations.helpdesk.urls")),
    path("github/", include("apps.integrations.github.urls")),
    path("api/", include("apps.api.urls")),
]
