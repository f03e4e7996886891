"""Addresses of incidents beside their admin."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from apps.incidents.rca import views as rca
from apps.incidents.story import views as story

app_name = "incidents"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:incidents_incident_changelist"), name="list"),
    # As people call it: 7 and INC-7.
    path("<str:number>/", admin.site.admin_view(story.page), name="story"),
    path("<str:number>/rca/", admin.site.admin_view(rca.page), name="rca"),
]
