"""The three kinds of error.

    EblError
    ├── AwsError      AWS would refuse it: an SDK sees the code and the message
    └── ConfigError   the user's own file is wrong: file:line:column, key, remedy

Anything else that is raised is our bug: a 500, a traceback in the log, a request id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class EblError(Exception):
    """Base of the errors that are meant for the user."""


class AwsError(EblError):
    """A refusal in AWS's words.

    `code` is the shape name of the error (`ResourceNotFoundException`), `message` its text as AWS sends it,
    `members` whatever else the modelled error carries (`{"Type": "User"}`). `status` overrides the HTTP status
    that the service model gives this error; leave it out unless the model does not know the code.
    """

    def __init__(
        self, code: str, message: str, members: Mapping[str, Any] | None = None, *, status: int | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members: Mapping[str, Any] = members or {}
        self.status = status


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a file: where (1-based line and column), which key, and what to do about it."""

    file: str
    line: int
    column: int
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.key + ': ' if self.key else ''}{self.text}"


class ConfigError(EblError):
    """A configuration that cannot be used: every problem that was found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
