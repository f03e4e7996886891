"""The help desk: asked whether a ticket was answered, and heard when it says so itself."""
