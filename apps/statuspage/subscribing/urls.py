"""Addresses below /status/subscribe/."""

from django.urls import path

from apps.statuspage.subscribing import views

app_name = "subscribing"
urlpatterns = [
    path("", views.subscribe, name="form"),
    path("confirm/<str:token>/", views.confirm, name="confirm"),
    path("manage/<str:token>/", views.manage, name="manage"),
    path("leave/<str:token>/", views.leave, name="leave"),
]
