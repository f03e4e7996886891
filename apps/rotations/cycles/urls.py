"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.rotations.cycles import views
from apps.rotations.cycles.wizard import views as wizard

app_name = "rotations_cycles"

urlpatterns = [
    path("", admin.site.admin_view(views.every), name="list"),
    path("new/", admin.site.admin_view(wizard.new), name="new"),
    path("<slug:slug>/", admin.site.admin_view(views.page), name="page"),
    path("<slug:slug>/digest/", admin.site.admin_view(views.digest), name="digest"),
]
