"""Addresses of the guided form, below those of requests."""

from django.contrib import admin
from django.urls import path

from apps.rfhs.form import views
from apps.rfhs.form.attachments import views as attachments
from apps.rfhs.form.context import views as context

urlpatterns = [
    path("new/", admin.site.admin_view(context.new), name="new"),
    path("form/save/", admin.site.admin_view(context.save), name="form_save"),
    path("<int:pk>/form/", admin.site.admin_view(views.go_on), name="form"),
    path("<int:pk>/form/context/", admin.site.admin_view(context.page), name="form_context"),
    path("<int:pk>/files/<int:attachment>/", admin.site.admin_view(attachments.file), name="file"),
]
