"""Step 5, Collaborate: by when, what the team will hear, and the filing itself."""
