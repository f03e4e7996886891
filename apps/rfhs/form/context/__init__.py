"""Step 1, Context: what engineering needs to know, with the files and events that show it."""
