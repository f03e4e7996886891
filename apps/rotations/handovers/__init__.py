"""A hand-over: what those who go off duty pass on to those who come on."""
