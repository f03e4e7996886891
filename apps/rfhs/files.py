"""What a file may be called, and what it is by its content: never what whoever sent it says."""

from __future__ import annotations

import unicodedata

LONGEST_NAME, LONGEST_ENDING = 150, 20
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
IMAGES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
# A type a browser shows without running anything that is in it.
SHOWN = frozenset({*IMAGES.values(), "image/webp"})
LOOKED_AT = 65_536
FORBIDDEN = frozenset('<>:"|?*\\/')


def clean_name(said: str) -> str:
    """The file's own name, without folders, control characters or what turns writing around; never empty."""
    name = unicodedata.normalize("NFC", said).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        "_" if character in FORBIDDEN else character
        for character in name
        if not unicodedata.category(character).startswith("C") or character == " "
    )
    kept = " ".join(kept.split()).strip(". ")
    if not kept:
        return "file"
    if len(kept) <= LONGEST_NAME:
        return kept
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        return kept[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def type_of(content: bytes) -> str:
    """What it is: an image, plain text, or nobody knows."""
    for start, kind in IMAGES.items():
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    head = content[:LOOKED_AT]
    if b"\x00" in head:
        return UNKNOWN
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last character may be cut.
        if len(head) < LOOKED_AT or error.start < len(head) - 4:
            return UNKNOWN
    return TEXT
