"""What the log says."""

import logging


class RefusalsInALine(logging.Filter):
    """A refusal (403, 404) is an answer, not a fault: it needs no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.request" and record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        return True
