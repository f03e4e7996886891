"""What is done to one card: a step of the table, a place by hand, a nudge, taking it over."""
