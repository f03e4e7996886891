"""Asking others to take a shift, for another in return or for nothing."""
