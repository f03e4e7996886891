"""Addresses."""

from django.urls import path

from apps.integrations.slack import views

urlpatterns = [
    path("events", views.events, name="slack_events"),
]
