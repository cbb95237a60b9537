"""IP addresses and CIDR blocks as event patterns compare them: as runs of hexadecimal digits, 8 for IPv4, 32 for IPv6.

That is why families mix: an IPv6 value is cut to 8 digits against an IPv4 block (recorded on AWS, Sep 2026), and why
even the digits of a JSON number may fall into a block.
"""

import re
from typing import NamedTuple

_FOUR = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_COLONS = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_HEX = frozenset("0123456789ABCDEF")
_MAPPED = b"\0" * 10 + b"\xff\xff"


class InvalidBlock(ValueError):
    """A CIDR block that AWS refuses, in its words."""


class Block(NamedTuple):
    """The lowest and the highest address of a block; a single address is a block of one."""

    low: str
    high: str

    def holds(self, digits: str) -> bool:
        """Whether a run of digits lies in the block; runs of different length are judged by the digits both have."""
        above = below = False
        for digit, low, high in zip(digits, self.low, self.high, strict=False):
            if digit not in _HEX or (digit < low and not above) or (digit > high and not below):
                return False
            above = above or digit > low
            below = below or digit < high
            if above and below:
                return True
        return len(digits) >= len(self.low)


def address(text: str) -> str | None:
    """The digits of an address; None for text that is none. Leading zeros are decimal, IPv4 in IPv6 becomes IPv4."""
    octets = _octets(text)
    return octets.hex().upper() if octets is not None else None


def block(text: str) -> Block:
    """A CIDR block; host bits are ignored. Raises InvalidBlock."""
    parts = text.rstrip("/").split("/")
    if len(parts) != 2:
        raise InvalidBlock("Malformed CIDR, one '/' required")
    if not re.fullmatch(r"[+-]?[0-9]{1,100}", parts[1]) or not -(2**31) <= int(parts[1]) < 2**31:
        raise InvalidBlock("Malformed CIDR, mask bits must be an integer")
    mask = int(parts[1])
    if mask < 0:
        raise InvalidBlock("Malformed CIDR, mask bits must not be negative")
    octets = _octets(parts[0])
    if octets is None:
        kind = "Invalid" if _FOUR.fullmatch(parts[0]) or _COLONS.fullmatch(parts[0]) else "Nonstandard"
        raise InvalidBlock(f"{kind} IP address: {parts[0]}")
    bits = 8 * len(octets)
    if mask >= bits:
        raise InvalidBlock(f"IPv{4 if bits == 32 else 6} mask bits must be < {bits}")
    low = int.from_bytes(octets, "big") >> (bits - mask) << (bits - mask)
    high = low | ((1 << (bits - mask)) - 1)
    return Block(f"{low:0{bits // 4}X}", f"{high:0{bits // 4}X}")


def _octets(text: str) -> bytes | None:
    if "." in text:
        return _version_4(text)
    return _version_6(text) if ":" in text else None


def _version_4(text: str) -> bytes | None:
    if len(text) > 15 or not _FOUR.fullmatch(text):
        return None
    numbers = [int(part) for part in text.split(".")]
    return bytes(numbers) if max(numbers) <= 255 else None


def _version_6(text: str) -> bytes | None:
    if not _COLONS.fullmatch(text) or len(text) > 1000:
        return None
    head, gap, tail = text.partition("::")
    groups = [part.split(":") if part else [] for part in (head, tail)]
    words = [_word(word) for side in groups for word in side]
    if None in words or (len(words) >= 8 if gap else len(words) != 8):
        return None
    missing = [0] * (8 - len(words))
    filled = [*words[: len(groups[0])], *missing, *words[len(groups[0]) :]]
    octets = b"".join(word.to_bytes(2, "big") for word in filled if word is not None)
    return octets[12:] if octets.startswith(_MAPPED) else octets


def _word(text: str) -> int | None:
    value = int(text, 16) if text else -1
    return value if 0 <= value <= 0xFFFF else None
