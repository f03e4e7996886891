"""Requests for help through the API."""
