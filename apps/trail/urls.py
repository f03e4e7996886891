"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.trail import views

urlpatterns = [
    path("<int:position>/", admin.site.admin_view(views.event_page), name="trail_event"),
]
