"""What the public reads, and who wants to hear of it."""

from apps.statuspage.models.renderings import Edition, Rendering
from apps.statuspage.models.subscribers import Announcement, Delivery, Mail, Subscriber

__all__ = ["Announcement", "Delivery", "Edition", "Mail", "Rendering", "Subscriber"]
