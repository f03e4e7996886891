"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.trail import views
from apps.trail.audit import views as audit

urlpatterns = [
    path("audit/", admin.site.admin_view(audit.log), name="trail_audit"),
    path("audit/<slug:slug>/", admin.site.admin_view(audit.log), name="trail_audit_of"),
    path("<int:position>/", admin.site.admin_view(views.event_page), name="trail_event"),
]
