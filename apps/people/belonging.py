"""Whose customer's audit log tells of people and customers."""

from __future__ import annotations

from collections.abc import Collection

from apps.trail.audit.belonging import whose


@whose("customer")
def customer_itself(slugs: Collection[str]) -> dict[str, list[str]]:
    """What is about a customer is that customer's."""
    return {slug: [slug] for slug in slugs}
