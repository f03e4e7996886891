"""Addresses."""

from django.urls import path

from apps.integrations.helpdesk import views

urlpatterns = [path("events", views.events, name="helpdesk_events")]
