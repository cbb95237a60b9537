"""What a function prints, kept apart per sandbox.

`sys.stdout` and `sys.stderr` are replaced by streams that look where a write comes from; writes from outside of
functions go to the stream that was there before. AWS keeps an unfinished line for the log of the next invocation.
"""

import contextlib
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from emulator.runtime.current import CURRENT

_Redirect: Any = contextlib._RedirectStream
"""`redirect_stdout` and `redirect_stderr`: in a function they are for this function."""

MAX_CHARACTERS = 1_000_000
"""Of one invocation's output, this much at its end is kept."""


class Output:
    """What one sandbox has printed since it was last taken. `on_line` hears each line when it is finished."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self._chunks: list[str] = []
        self._size = 0
        self._line = ""
        self._on_line = on_line

    def write(self, text: str) -> None:
        self._chunks.append(text)
        self._size += len(text)
        if self._size > 2 * MAX_CHARACTERS:
            self._shorten()
        if self._on_line is not None:
            self._tell(text)

    def end_line(self) -> None:
        """Nobody will finish the line."""
        if self._chunks and not self._chunks[-1].endswith("\n"):
            self.write("\n")

    def take(self) -> str:
        """The finished lines; the rest stays."""
        if not self._chunks:
            return ""
        text = "".join(self._chunks)
        end = text.rfind("\n") + 1
        self._chunks = [text[end:]] if end < len(text) else []
        self._size = len(text) - end
        return text[:end]

    def _shorten(self) -> None:
        text = "".join(self._chunks)
        self._chunks = [f"[{len(text) - MAX_CHARACTERS} characters left out]\n", text[-MAX_CHARACTERS:]]
        self._size = MAX_CHARACTERS

    def _tell(self, text: str) -> None:
        *lines, self._line = (self._line + text).split("\n")
        if lines and self._on_line is not None:
            token = CURRENT.set(None)  # whoever listens may print
            try:
                for line in lines:
                    self._on_line(line)
            finally:
                CURRENT.reset(token)


class Silence(Output):
    """The output of a sandbox that has ended."""

    def __init__(self) -> None:
        super().__init__(None)

    def write(self, text: str) -> None:
        """To nowhere."""


def install() -> Callable[[], None]:
    """Put the streams in place; returns what takes them away."""
    ensure()
    enter, leave = _Redirect.__enter__, _Redirect.__exit__

    def enter_here(self: Any) -> Any:
        sandbox = CURRENT.get()
        if sandbox is None:
            return enter(self)
        sandbox.redirected[self._stream].append(self._new_target)
        return self._new_target

    def leave_here(self: Any, *error: Any) -> None:
        sandbox = CURRENT.get()
        if sandbox is None:
            leave(self, *error)
        else:
            sandbox.redirected[self._stream].pop()

    _Redirect.__enter__, _Redirect.__exit__ = enter_here, leave_here

    def uninstall() -> None:
        _Redirect.__enter__, _Redirect.__exit__ = enter, leave
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if type(stream) is Stream:
                setattr(sys, name, stream.host)

    return uninstall


def ensure() -> None:
    """Others replace `sys.stdout` too (pytest does, for every phase of a test); called before each invocation."""
    if type(sys.stdout) is not Stream:
        sys.stdout = Stream("stdout", sys.stdout)
    if type(sys.stderr) is not Stream:
        sys.stderr = Stream("stderr", sys.stderr)


class Stream(io.TextIOBase):
    """A standard stream that knows its writers; `name` is `stdout` or `stderr`.

    `host` is what was there before, for everybody who is not a function. It may be closed before anybody puts it back.
    """

    def __init__(self, name: str, host: TextIO) -> None:
        self._name = name
        self._host = host

    @property
    def host(self) -> TextIO:
        return getattr(sys, f"__{self._name}__") if self._host.closed else self._host

    def write(self, text: str) -> int:
        sandbox = CURRENT.get()
        if sandbox is None or sandbox.at_terminal:
            return self.host.write(text)
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        targets = sandbox.redirected[self._name]
        (targets[-1] if targets else sandbox.output).write(text)
        return len(text)

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self.host.flush()

    @property
    def buffer(self) -> Any:
        return _Bytes(self) if CURRENT.get() is not None else self.host.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.host.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.host.errors

    def isatty(self) -> bool:
        sandbox = CURRENT.get()
        return self.host.isatty() and (sandbox is None or sandbox.at_terminal)

    def fileno(self) -> int:
        return self.host.fileno()

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Nobody closes the process's streams."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)


class _Bytes(io.RawIOBase):
    """`sys.stdout.buffer` inside of a function."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(bytes(data).decode(errors="replace"))
        return len(data)
