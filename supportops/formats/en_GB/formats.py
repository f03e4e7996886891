"""Every time with its zone: pages that are not ours, such as django-q2's, show it too."""

DATETIME_FORMAT = "j M Y H:i T"
