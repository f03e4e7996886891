"""How many incidents there were, and how fast they were acknowledged, told of and resolved."""
