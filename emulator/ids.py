"""The one place that makes ids."""

import random

# Seeded by the operating system. Ids name things, they guard nothing: a call into the kernel for each of the five that
# an event needs would be a tenth of the cost of its delivery.
_random = random.Random()


def new_id() -> str:
    """A fresh UUID (version 4) as text, `8-4-4-4-12` lower-case hex."""
    text = f"{_random.getrandbits(128) & _CLEAR | _VERSION_4:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


# The four bits of the version and the two of the variant (RFC 9562).
_CLEAR = ~(0xF << 76 | 0x3 << 62)
_VERSION_4 = 0x4 << 76 | 0x2 << 62


def new_hex(length: int) -> str:
    """`length` random lower-case hex digits."""
    return f"{_random.getrandbits(4 * length):0{length}x}"


def new_secret() -> str:
    """What nobody can guess, for a URL."""
    return f"{random.SystemRandom().getrandbits(192):048x}"
