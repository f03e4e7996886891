"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.rotations.handovers import views

app_name = "rotations_handovers"

urlpatterns = [
    path("", admin.site.admin_view(views.every), name="list"),
    path("<int:pk>/", admin.site.admin_view(views.page), name="page"),
]
