"""What is changed from the board: overrides made and ended, shifts taken; each is shown with its effect first."""
