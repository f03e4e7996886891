"""Figures, not tests: each run says what it measured, on what, and quotes ratios within the run."""
