"""Append-only events: what happened, who did it, and what caused it."""
