"""Step 2, Teammates first: support's own people are asked, or it says in a line why not."""
