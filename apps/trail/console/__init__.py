"""A person at the command line: who, for which issue, and all that came of it."""
