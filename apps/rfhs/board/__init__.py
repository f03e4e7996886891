"""The board of requests: columns by state, cards by the priority of work, and every move a step of the table."""
