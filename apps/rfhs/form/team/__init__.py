"""Step 3, Team: the table proposes, a person decides."""
