"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.dashboard.reports.incidents import views

urlpatterns = [
    path("incidents/", admin.site.admin_view(views.page), name="incident_figures"),
    path("incidents.csv", admin.site.admin_view(views.table), name="incident_figures_csv"),
    path("incidents/behind/", admin.site.admin_view(views.behind), name="incident_figures_behind"),
]
