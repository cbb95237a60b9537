"""How a refusal of the JSON reader names a place, a character, a stray word: as Jackson and Java do."""

import unicodedata

Spot = tuple[int, int, int]  # row, where the row starts, where in the text

REDACTED = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
_QUOTED = 500  # UTF-16 units of the text that a place quotes


def describe(text: str, spot: Spot, *, redacted: bool = False) -> str:
    """`[Source: (String)"…"; line: 1, column: 5]`; a long text is cut, and a redacted one is not quoted at all."""
    row, row_start, at = spot
    column = _units(text[row_start:at]) + 1 if at >= 0 else 0
    if redacted:
        return f"[Source: {REDACTED}; line: {row}, column: {column}]"
    shown, rest = _cut(text)
    truncated = f"[truncated {rest} chars]" if rest else ""
    return f'[Source: (String)"{shown}"{truncated}; line: {row}, column: {column}]'


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str) -> tuple[str, int]:
    """What a place quotes of the text, and how many UTF-16 units it leaves out."""
    head = text[:_QUOTED]
    units = head.encode("utf-16-le", "surrogatepass")[: 2 * _QUOTED]
    shown = units.decode("utf-16-le", "replace")
    shown = "".join(
        f"\\u{ord(character):04X}" if character not in "\r\n" and _is_control(character) else character
        for character in shown
    )
    return shown, _units(text) - len(units) // 2


def _is_control(character: str) -> bool:
    return character <= "\x1f" or "\x7f" <= character <= "\x9f"


def named(character: str) -> str:
    """`'b' (code 98)`; of a character beyond the BMP its first half."""
    code = int.from_bytes(character.encode("utf-16-be", "surrogatepass")[:2], "big")
    if _is_control(character):
        return f"(CTRL-CHAR, code {code})"
    shown = character if code < 0xD800 or code > 0xDFFF else "?"
    return f"'{shown}' (code {code} / 0x{code:x})" if code > 255 else f"'{shown}' (code {code})"


def identifier_start(character: str) -> bool:
    """Java's Character.isJavaIdentifierStart: it decides how much of a stray word a refusal quotes."""
    return unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Sc", "Pc"}


def identifier_part(character: str) -> bool:
    """Java's Character.isJavaIdentifierPart, for one character of the BMP or none."""
    if character == "" or character > "\uffff":
        return False
    ignorable = character <= "\x08" or "\x0e" <= character <= "\x1b" or "\x7f" <= character <= "\x9f"
    return ignorable or identifier_start(character) or unicodedata.category(character) in {"Nd", "Mn", "Mc", "Cf"}
