"""Rotations, overrides and shifts through the API."""
