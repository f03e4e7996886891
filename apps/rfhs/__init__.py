"""Requests for help: what support asks of engineering, who answers it, and what everybody learned."""
