"""What we learned: every answer to a request, and every question answered where it was asked, to be found again."""
