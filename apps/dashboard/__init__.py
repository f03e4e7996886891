"""What is going on: the home page and the Slack preview."""
