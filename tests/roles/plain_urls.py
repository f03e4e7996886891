"""The portal's addresses, with Django's own refusal: the portal's draws the whole menu, which a walk of 403s spares."""

from supportops.urls import urlpatterns

__all__ = ["urlpatterns"]
