"""Addresses."""

from django.urls import path

from apps.pages import views

urlpatterns = [
    path("mail/<str:team>/", views.mail_in, name="page_mail"),
    path("take/<str:token>/", views.take, name="page_take"),
]
