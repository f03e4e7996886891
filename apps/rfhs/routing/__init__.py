"""Which team a question belongs to: words of the text against the table managers edit."""
