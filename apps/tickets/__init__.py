"""What customers asked, and whether it was answered."""
