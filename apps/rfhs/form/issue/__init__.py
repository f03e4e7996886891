"""Step 4, GitHub issue: what will be filed, where, and what the public must not read."""
