"""Every address of the API. The one place that knows all its doors."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from apps.api.views import Root, Unknown
from apps.dashboard.reports.api import EngineeringHelp
from apps.dashboard.reports.incidents.api import IncidentFigures
from apps.incidents.api.components import ComponentGroupSet, ComponentSet
from apps.incidents.api.maintenances import MaintenanceSet
from apps.incidents.api.routes import IncidentSet, SeveritySet
from apps.integrations.slack.api import WatchedChannelSet
from apps.pages.api import PageSet
from apps.people.api import AgentSet, CustomerSet, NamedGroupSet, PlanSet, TeamSet
from apps.rfhs.api.routes import RFHSet
from apps.rotations.api.routes import OnCallSet, OverrideSet, RotationSet
from apps.rotations.api.shifts import ShiftSet
from apps.sla.api import PolicySet
from apps.statuspage.subscribing.api import SubscriberSet
from apps.tickets.api.routes import TicketSet
from apps.trail.api.routes import EventSet, EventTypeSet
from apps.trail.api.seals import SealSet

router = SimpleRouter()
for name, routes in {
    "tickets": TicketSet,
    "plans": PlanSet,
    "customers": CustomerSet,
    "agents": AgentSet,
    "teams": TeamSet,
    "named-groups": NamedGroupSet,
    "watched-channels": WatchedChannelSet,
    "shifts": ShiftSet,
    "rotations": RotationSet,
    "on-call": OnCallSet,
    "pages": PageSet,
    "rfhs": RFHSet,
    "incidents": IncidentSet,
    "components": ComponentSet,
    "component-groups": ComponentGroupSet,
    "severities": SeveritySet,
    "maintenances": MaintenanceSet,
    "subscribers": SubscriberSet,
    "policies": PolicySet,
    "events": EventSet,
    "event-types": EventTypeSet,
    "seals": SealSet,
}.items():
    router.register(name, routes, basename=name)

REPORTS = {"reports/engineering-help": EngineeringHelp, "reports/incidents": IncidentFigures}
_names = [name for name, _, _ in router.registry]

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(), name="docs"),
    path("v1/", Root.as_view(routes={name: f"/api/v1/{name}/" for name in [*_names, *REPORTS]})),
    path("v1/", include(router.urls)),
    path("v1/rotations/<slug:slug>/overrides/", OverrideSet.as_view({"get": "list", "post": "create"})),
    path("v1/rotations/<slug:slug>/overrides/<int:id>/", OverrideSet.as_view({"delete": "destroy"})),
    *(path(f"v1/{name}/", view.as_view()) for name, view in REPORTS.items()),
    re_path(r"^", Unknown.as_view()),
]
