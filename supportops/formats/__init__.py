"""How dates and times look, by language."""
