"""The outside world, one folder a vendor; no vendor knows of another."""
