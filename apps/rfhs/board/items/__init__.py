"""A new item straight from the board."""
