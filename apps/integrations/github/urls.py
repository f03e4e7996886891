"""Addresses."""

from django.urls import path

from apps.integrations.github import views

urlpatterns = [path("webhook/", views.webhook, name="github_webhook")]
