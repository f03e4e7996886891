"""Tickets through the API."""
