"""Patterns: what to look for in a story to settle a case, and what to do when it is there."""
