"""Promises running right now: clocks, checks, snoozes, and the sweep that reaches them."""
