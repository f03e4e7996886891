"""What customers are told: chosen events in their language, of types on an allow-list alone."""
