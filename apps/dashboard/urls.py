"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.dashboard import views

urlpatterns = [
    path("home/fragment/", admin.site.admin_view(views.home_fragment), name="home_fragment"),
    path("profile/", admin.site.admin_view(views.profile), name="profile"),
    path("preview/", views.slack_preview, name="slack_preview"),
    path("preview/fragment/", views.slack_preview_fragment, name="slack_preview_fragment"),
    path("preview/become/", views.become, name="slack_preview_become"),
    path("preview/post/", views.post_ticket, name="slack_preview_post"),
    path("preview/mention/", views.mention, name="slack_preview_mention"),
    path("preview/press/", views.press, name="slack_preview_press"),
    path("preview/page/", views.page_team, name="slack_preview_page"),
    path("preview/help/", views.ask_for_help, name="slack_preview_help"),
    path("preview/incident/", views.speak_of_incident, name="slack_preview_incident"),
    path("preview/shortcut/", views.choose_shortcut, name="slack_preview_shortcut"),
    path("preview/modal/<int:pk>/", views.modal, name="slack_preview_modal"),
    path("preview/answer/", views.answer, name="slack_preview_answer"),
]
