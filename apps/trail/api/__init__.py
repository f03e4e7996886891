"""The trail through the API."""
