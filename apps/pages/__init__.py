"""Somebody must act now, and has or has not acknowledged it."""
