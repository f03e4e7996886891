"""The trail as people search and read it."""
