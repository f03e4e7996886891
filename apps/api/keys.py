"""Making a key and hashing it. Pure."""

from __future__ import annotations

import hashlib
import secrets

MARK = "so_"
PREFIX = 12
"""How much of a key is stored in the clear, to tell keys apart: 54 of its 256 bits."""


def generate() -> str:
    """A new key, such as `so_8XbR…`: 256 random bits."""
    return MARK + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    """What is stored of a key. Plain SHA-256 is enough: nobody guesses 256 random bits, so slowness buys nothing."""
    return hashlib.sha256(key.encode()).hexdigest()
