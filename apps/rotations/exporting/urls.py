"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.rotations.exporting import views

urlpatterns = [
    path("", admin.site.admin_view(views.addresses), name="calendar_addresses"),
    path("<str:token>.ics", views.feed, name="calendar_feed"),
]
