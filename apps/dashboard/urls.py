"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.dashboard import views
from apps.dashboard.slack_preview import views as slack_preview

urlpatterns = [
    path("home/fragment/", admin.site.admin_view(views.home_fragment), name="home_fragment"),
    path("profile/", admin.site.admin_view(views.profile), name="profile"),
    path("preview/", slack_preview.slack_preview, name="slack_preview"),
    path("preview/fragment/", slack_preview.slack_preview_fragment, name="slack_preview_fragment"),
    path("preview/become/", slack_preview.become, name="slack_preview_become"),
    path("preview/post/", slack_preview.post_ticket, name="slack_preview_post"),
    path("preview/mention/", slack_preview.mention, name="slack_preview_mention"),
    path("preview/press/", slack_preview.press, name="slack_preview_press"),
    path("preview/page/", slack_preview.page_team, name="slack_preview_page"),
    path("preview/help/", slack_preview.ask_for_help, name="slack_preview_help"),
    path("preview/incident/", slack_preview.speak_of_incident, name="slack_preview_incident"),
    path("preview/shortcut/", slack_preview.choose_shortcut, name="slack_preview_shortcut"),
    path("preview/modal/<int:pk>/", slack_preview.modal, name="slack_preview_modal"),
    path("preview/answer/", slack_preview.answer, name="slack_preview_answer"),
]
