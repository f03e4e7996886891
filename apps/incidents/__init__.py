"""Incidents: what is broken, who works on it, and what we said about it, in public and among ourselves."""
