"""Incidents, and what they hit, through the API."""
