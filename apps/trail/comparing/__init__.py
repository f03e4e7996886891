"""Streams side by side in a window of time, and what somebody found there."""
