"""Which event reaches whom, at most once: routing, outbox, delivery."""
