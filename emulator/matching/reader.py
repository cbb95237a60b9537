"""JSON text, token by token, the way the JSON reader of AWS's matcher (Jackson 2.17) goes through it.

A pattern is read with this instead of `json` because AWS's refusals quote the place of the offending token, because
repeated keys and the exact text of numbers have a meaning in patterns, and because text that is no JSON is refused in
Jackson's words. Knows nothing of patterns. Recorded on AWS, 2026, and from event-ruler 2.0.1.

Two habits of Jackson decide the places: a field name is read together with the first piece of its value, and a string
value is only read when its text is asked for.
"""

import re
from typing import Final, NoReturn

from emulator.matching.places import Spot, describe, identifier_part, identifier_start, named

START_OBJECT: Final = "{"
END_OBJECT: Final = "}"
START_ARRAY: Final = "["
END_ARRAY: Final = "]"
NAME: Final = "name"
STRING: Final = "string"
NUMBER: Final = "number"
TRUE: Final = "true"
FALSE: Final = "false"
NULL: Final = "null"
END: Final = ""

MAX_DEPTH = 1000  # Jackson's own default; AWS's is not recorded
MAX_NUMBER = 1000
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

_PLAIN_STRING = re.compile(r'[^"\\\x00-\x1f]*')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DIGITS = re.compile(r"[0-9]*")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Unreadable(ValueError):
    """The text is no JSON, or what it holds is refused: the reason and the place, as AWS words them."""


class Reader:
    """`next()` gives the kind of the next token, `text()` its text, `name` the latest field name.

    `redacted`: refusals do not quote the text, as those of Lambda.
    """

    def __init__(self, text: str, *, redacted: bool = False) -> None:
        self._source = text
        self._redacted = redacted
        self._at = 0  # behind what was read
        self._row = 1
        self._row_start = 0
        self._token = END
        self._after_name: str | None = None
        self._value: str | None = None  # text of a string or number; None while a string is still unread
        self._open: list[tuple[str, Spot]] = []
        self._comma_due = [False]
        self.name = ""

    # -- what callers use

    def next(self) -> str:
        """The kind of the next token; END when nothing but white space is left at the top."""
        if self._after_name is not None:
            self._token, self._after_name = self._after_name, None
            return self._enter(self._token)
        if self._token == STRING and self._value is None:
            self._value = self._string("string value")
        character = self._significant()
        if character is None:
            return self._end()
        if character in "]}":
            return self._close(character)
        if self._comma_due[-1]:
            character = self._comma(character)
        if self._open and self._open[-1][0] == "Object":
            self._field_name(character)
            self._after_name = self._start_value(self._colon())
            self._token = NAME
            return NAME
        self._token = self._start_value(character)
        return self._enter(self._token)

    def text(self) -> str:
        """The text of the token: a string without its quotation marks, a number as it is written, else the token."""
        if self._token == STRING and self._value is None:
            self._value = self._string("string value")
        return self._value if self._token in (STRING, NUMBER) and self._value is not None else self._token

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the pattern here: `reason`, a new line, and the place behind the token."""
        raise Unreadable(f"{reason}\n at {self._place(self._at)}")

    # -- structure

    def _end(self) -> str:
        if self._open:
            kind, start = self._open[-1]
            opened = f"(start marker at {describe(self._source, start, redacted=self._redacted)})"
            self.refuse(f"Unexpected end-of-input: expected close marker for {kind} {opened}")
        self._token = END
        return END

    def _enter(self, token: str) -> str:
        self._comma_due[-1] = True
        if token in (START_OBJECT, START_ARRAY):
            self._open.append(("Object" if token == START_OBJECT else "Array", self._value_start))
            self._comma_due.append(False)
            if len(self._open) > MAX_DEPTH:
                raise Unreadable(
                    f"Document nesting depth ({len(self._open)}) exceeds the maximum allowed ({MAX_DEPTH}, from "
                    "`StreamReadConstraints.getMaxNestingDepth()`)"
                )
        return token

    def _close(self, character: str) -> str:
        kind, start = self._open[-1] if self._open else ("root", (1, 0, -1))
        expected = "]" if kind == "Array" else "}"
        if not self._open:
            expected = "}" if character == "]" else "]"
        if character != expected:
            self._refuse_character(
                f"Unexpected close marker '{character}': expected '{expected}' "
                f"(for {kind} starting at {describe(self._source, start, redacted=self._redacted)})"
            )
        self._open.pop()
        self._comma_due.pop()
        self._token = character
        return character

    def _comma(self, character: str) -> str:
        kind = self._open[-1][0] if self._open else "root"
        if character != ",":
            self._unexpected(character, f"was expecting comma to separate {kind} entries")
        following = self._significant()
        if following is None:
            self.refuse(f"Unexpected end-of-input within/between {kind} entries")
        return following

    def _field_name(self, character: str) -> None:
        if character != '"':
            self._unexpected(character, "was expecting double-quote to start field name")
        self.name = self._string("name")

    def _colon(self) -> str:
        for wanted in (":", None):
            character = self._significant()
            if character is None:
                self.refuse("Unexpected end-of-input within/between Object entries")
            if wanted is None:
                return character
            if character != wanted:
                self._unexpected(character, "was expecting a colon to separate field name and value")
        raise AssertionError

    def _significant(self) -> str | None:
        """The next character that is no white space, read; None at the end of the text."""
        source, at = self._source, self._at
        while at < len(source):
            character = source[at]
            at += 1
            self._at = at
            if character == "\n" or (character == "\r" and source[at : at + 1] != "\n"):
                self._row += 1
                self._row_start = at
            elif character in " \t\r":
                continue
            elif character == "/":
                self._unexpected(
                    character,
                    "maybe a (non-standard) comment? (not recognized as one since Feature 'ALLOW_COMMENTS' not "
                    "enabled for parser)",
                )
            elif character < " ":
                self._refuse_character(
                    f"Illegal character ({named(character)}): only regular white space (\\r, \\n, \\t) is "
                    "allowed between tokens"
                )
            else:
                return character
        return None

    # -- values

    def _start_value(self, character: str) -> str:
        self._value_start = (self._row, self._row_start, self._at - 1)
        self._value = None
        if character == '"':
            return STRING
        if character in "{[":
            return character
        if character == "}":
            self._unexpected(character, "expected a value")
        if character in "tfn":
            return self._literal({"t": TRUE, "f": FALSE, "n": NULL}[character])
        if character == "-" or (character.isascii() and character.isdigit()):
            self._at -= 1
            self._value = self._number()
            return NUMBER
        self._odd_value(character)

    def _literal(self, word: str) -> str:
        source, start = self._source, self._at - 1
        length = 1
        while length < len(word) and source[start + length : start + length + 1] == word[length]:
            length += 1
        self._at = start + length
        following = source[self._at : self._at + 1]
        if length < len(word) or (following not in "]}" and following >= "0" and identifier_part(following)):
            self._unrecognized(word[:length])
        return word

    def _odd_value(self, character: str) -> NoReturn:
        for word in ("NaN", "Infinity"):
            if character == word[0]:
                self._literal(word)
                self.refuse(f"Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow")
        if character == "+":
            self._plus()
        if len(character.encode("utf-16-le", "surrogatepass")) == 2 and identifier_start(character):
            self._unrecognized(character)
        self._unexpected(character, f"expected a valid value {_VALUES}")

    def _plus(self) -> NoReturn:
        self._at += 1
        if self._at > len(self._source):
            self._at -= 1
            self.refuse("Unexpected end-of-input in a Number value")
        self._unexpected(
            "+",
            "JSON spec does not allow numbers to have plus signs: enable "
            "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow",
            " in numeric value",
        )

    def _unrecognized(self, token: str) -> NoReturn:
        while self._at < len(self._source) and identifier_part(self._source[self._at]):
            token += self._source[self._at]
            self._at += 1
            if len(token) >= 256:
                token += "..."
                break
        self.refuse(f"Unrecognized token '{token}': was expecting {_VALUES}")

    def _number(self) -> str:
        source, start = self._source, self._at
        match = _NUMBER.match(source, start)
        if match is None:
            self._at += 1
            self._after("No digit following sign", "expected digit (0-9) to follow minus sign, for valid numeric value")
        self._at = match.end()
        if match.group() in ("0", "-0") and "0" <= source[self._at : self._at + 1] <= "9":
            self.refuse("Invalid numeric value: Leading zeroes not allowed")
        if source.startswith(".", self._at):
            self._at += 1
            self._digits_due("Decimal point not followed by a digit", None)
        if source[self._at : self._at + 1] in ("e", "E"):
            self._at += 1
            if source[self._at : self._at + 1] in ("+", "-"):
                self._at += 1
            self._digits_due("Exponent indicator not followed by a digit", "expected a digit for number exponent")
        if self._at - start > MAX_NUMBER:
            raise Unreadable(
                f"Number value length ({self._at - start}) exceeds the maximum allowed ({MAX_NUMBER}, from "
                "`StreamReadConstraints.getMaxNumberLength()`)"
            )
        return source[start : self._at]

    def _digits_due(self, reason: str, at_end: str | None) -> None:
        match = _DIGITS.match(self._source, self._at)
        if match is None or match.end() == self._at:
            self._after(at_end, reason)
        else:
            self._at = match.end()

    def _after(self, at_end: str | None, reason: str) -> NoReturn:
        """What follows inside a number is no digit."""
        if self._at < len(self._source):
            self._at += 1
        elif at_end is not None:
            self.refuse(f"Unexpected end-of-input{at_end}")
        self._unexpected(self._source[self._at - 1], reason, " in numeric value")

    def _string(self, what: str) -> str:
        """The rest of a string whose opening mark was read, closing mark included."""
        pieces: list[str] = []
        source = self._source
        while True:
            match = _PLAIN_STRING.match(source, self._at)
            assert match is not None
            pieces.append(match.group())
            self._at = match.end() + 1
            character = source[match.end() : self._at]
            if character == '"':
                return _paired("".join(pieces)) if len(pieces) > 1 else pieces[0]
            if character == "\\":
                pieces.append(self._escape())
            elif character == "":
                self._at = len(source)
                self.refuse(f"Unexpected end-of-input{_UNFINISHED[what]}")
            else:
                self._refuse_character(
                    f"Illegal unquoted character ({named(character)}): has to be escaped using backslash to be "
                    f"included in {what}"
                )

    def _escape(self) -> str:
        character = self._escaped()
        if character == "u":
            digits = ""
            for _ in range(4):
                digits += self._escaped()
                if digits[-1] not in "0123456789abcdefABCDEF":
                    self._unexpected(digits[-1], "expected a hex-digit for character escape sequence")
            return chr(int(digits, 16))
        if character not in _ESCAPES:
            self._refuse_character(f"Unrecognized character escape {named(character)}")
        return _ESCAPES[character]

    def _escaped(self) -> str:
        if self._at >= len(self._source):
            self.refuse("Unexpected end-of-input in character escape sequence")
        self._at += 1
        return self._source[self._at - 1]

    # -- refusals and places

    def _unexpected(self, character: str, comment: str, where: str = "") -> NoReturn:
        self._refuse_character(f"Unexpected character ({named(character)}){where}: {comment}")

    def _refuse_character(self, reason: str) -> NoReturn:
        raise Unreadable(f"{reason}\n at {self._place(self._at - 1)}")

    def _place(self, at: int) -> str:
        return describe(self._source, (self._row, self._row_start, at), redacted=self._redacted)


_UNFINISHED = {"name": " in field name", "string value": ": was expecting closing quote for a string value"}


def _paired(text: str) -> str:
    """Two escaped halves of a character (`\\ud83d\\ude00`) are that character; a half alone stays what it is."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
