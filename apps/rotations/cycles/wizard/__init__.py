"""A rotation in cycles, made in a few choices."""
