"""The files of a request, sent to whoever may see it."""
