"""The course of a cycle: it starts, is worked, and is handed over to those who come next."""
