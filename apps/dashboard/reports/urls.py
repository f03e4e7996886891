"""Addresses."""

from django.contrib import admin
from django.urls import include, path

from apps.dashboard.reports import views

urlpatterns = [
    path("", include("apps.dashboard.reports.incidents.urls")),
    path("engineering-help/", admin.site.admin_view(views.page), name="engineering_help"),
    path("engineering-help.csv", admin.site.admin_view(views.table), name="engineering_help_csv"),
    path("engineering-help/behind/", admin.site.admin_view(views.behind), name="engineering_help_behind"),
]
