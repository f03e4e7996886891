"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.rotations.swapping import views

app_name = "rotations_swaps"
urlpatterns = [
    path("", admin.site.admin_view(views.requests), name="list"),
    path("ask/", admin.site.admin_view(views.ask), name="ask"),
    path("<int:key>/", admin.site.admin_view(views.swap), name="swap"),
]
