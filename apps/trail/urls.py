"""Addresses."""

from django.contrib import admin
from django.urls import path

from apps.trail import views
from apps.trail.audit import views as audit
from apps.trail.browser import views as browser
from apps.trail.comparing import views as comparing
from apps.trail.exporting import views as exporting
from apps.trail.patterns import views as patterns
from apps.trail.telling import views as telling

urlpatterns = [
    path("", admin.site.admin_view(browser.trail), name="trail"),
    path("more/", admin.site.admin_view(browser.more), name="trail_more"),
    path("audit/", admin.site.admin_view(audit.log), name="trail_audit"),
    path("audit/<slug:slug>/", admin.site.admin_view(audit.log), name="trail_audit_of"),
    path("export/", admin.site.admin_view(exporting.export), name="trail_export"),
    path("<int:position>/", admin.site.admin_view(views.event_page), name="trail_event"),
    path("compare/", admin.site.admin_view(comparing.compare_page), name="trail_compare"),
    path("patterns/", admin.site.admin_view(patterns.patterns_page), name="trail_patterns"),
    path("customer-copy/", admin.site.admin_view(telling.customer_copy_page), name="trail_customer_copy"),
]
