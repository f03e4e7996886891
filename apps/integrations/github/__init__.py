"""GitHub: where requests for help have their issues."""
