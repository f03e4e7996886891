"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.rotations.board import views
from apps.rotations.board.changes import views as changes

app_name = "rotations_board"
urlpatterns = [
    path("", admin.site.admin_view(views.board), name="board"),
    path("<slug:slug>/", admin.site.admin_view(views.rotation), name="rotation"),
    path("<slug:slug>/override/", admin.site.admin_view(changes.override), name="override"),
    path("<slug:slug>/take/", admin.site.admin_view(changes.take), name="take"),
    path("<slug:slug>/overrides/<int:key>/end/", admin.site.admin_view(changes.end), name="end"),
]
