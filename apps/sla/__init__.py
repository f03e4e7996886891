"""What was promised: policies, promises, and the tiers that hear when a promise is in danger."""
