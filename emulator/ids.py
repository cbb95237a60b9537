"""The one place that makes ids."""

import os


def new_id() -> str:
    """A fresh UUID (version 4) as text, `8-4-4-4-12` lower-case hex.

    Made by hand because `str(uuid.uuid4())` costs three times as much, and one is needed per event.
    """
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_hex(length: int) -> str:
    """`length` random lower-case hex digits."""
    return os.urandom((length + 1) // 2).hex()[:length]
