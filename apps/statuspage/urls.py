"""Addresses below /status/."""

from django.urls import path

from apps.statuspage import views

app_name = "statuspage"
urlpatterns = [
    path("", views.read, name="page"),
    path("incidents/<str:incident>/", views.read, name="incident"),
    path("maintenance/<str:maintenance>/", views.read, name="maintenance"),
    path("components/<str:component>/", views.read, name="component"),
    path("history/", views.read, name="history"),
    path("history/<str:month>/", views.read, name="month"),
    # And what is nowhere: the answer is the public's, not the portal's.
    path("<path:unknown>", views.read),
]
