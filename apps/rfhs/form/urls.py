"""Addresses of the guided form, below those of requests."""

from django.contrib import admin
from django.urls import path

from apps.rfhs.form import views
from apps.rfhs.form.attachments import views as attachments
from apps.rfhs.form.collaborate import views as collaborate
from apps.rfhs.form.context import views as context
from apps.rfhs.form.issue import views as issue
from apps.rfhs.form.team import views as team
from apps.rfhs.form.teammates import views as teammates

urlpatterns = [
    path("new/", admin.site.admin_view(context.new), name="new"),
    path("form/save/", admin.site.admin_view(context.save), name="form_save"),
    path("<int:pk>/form/", admin.site.admin_view(views.go_on), name="form"),
    path("<int:pk>/form/context/", admin.site.admin_view(context.page), name="form_context"),
    path("<int:pk>/form/teammates/", admin.site.admin_view(teammates.page), name="form_teammates"),
    path("<int:pk>/form/team/", admin.site.admin_view(team.page), name="form_team"),
    path("<int:pk>/form/issue/", admin.site.admin_view(issue.page), name="form_issue"),
    path("<int:pk>/form/collaborate/", admin.site.admin_view(collaborate.page), name="form_collaborate"),
    path("<int:pk>/files/", admin.site.admin_view(attachments.add), name="add_files"),
    path("<int:pk>/files/<int:attachment>/", admin.site.admin_view(attachments.file), name="file"),
]
