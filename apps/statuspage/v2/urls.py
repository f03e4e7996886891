"""The public JSON's addresses, as Statuspage and Crashbot have them."""

from django.urls import path

from apps.statuspage.v2.api import VIEWS

urlpatterns = [path(address, view.as_view()) for address, view in VIEWS.items()]
