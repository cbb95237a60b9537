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
"""Of one invocation's output, this much at its end is kept, from a beginning of a line on where there is one."""

MAX_LINE = 100_000
"""A line that grows longer is handed on in pieces to who hears the lines; in the log it stays one."""


class Output:
    """What one sandbox has printed since it was last taken. `on_line` hears each line when it is finished."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self._chunks: list[str] = []
        self._size = 0
        self._lost = 0
        self._line: list[str] = []
        self._line_size = 0
        self._on_line = on_line

    def write(self, text: str) -> None:
        self._chunks.append(text)
        self._size += len(text)
        if self._size > 2 * MAX_CHARACTERS:
            self._shorten()
        if self._on_line is not None:
            self._hear(text)

    def end_line(self) -> None:
        """Nobody will finish the line."""
        if self._chunks and not self._chunks[-1].endswith("\n"):
            self.write("\n")

    def take(self) -> str:
        """The finished lines; the rest stays."""
        if not self._chunks:
            return ""
        if self._size > MAX_CHARACTERS:
            self._shorten()
        text = "".join(self._chunks)
        end = text.rfind("\n") + 1
        if not end:
            return ""
        self._chunks = [text[end:]] if end < len(text) else []
        self._size = len(text) - end
        lost, self._lost = self._lost, 0
        return _left_out(lost) + text[:end] if lost else text[:end]

    def _shorten(self) -> None:
        text = "".join(self._chunks)
        kept = _end_of(text)
        self._chunks = [kept]
        self._size = len(kept)
        self._lost += len(text) - len(kept)

    def _hear(self, text: str) -> None:
        """Pieces are put together when their line ends: a line may come in very many of them."""
        first, newline, rest = text.partition("\n")
        self._line.append(first)
        self._line_size += len(first)
        if not newline and self._line_size <= MAX_LINE:
            return
        lines = ["".join(self._line)]
        self._line.clear()
        self._line_size = 0
        if newline:
            *more, unfinished = rest.split("\n")
            lines += more
            self._line.append(unfinished)
            self._line_size = len(unfinished)
        self.tell(*lines)

    def tell(self, *lines: str) -> None:
        """Let who hears the lines hear these, which stand in the log already or will."""
        if self._on_line is not None:
            token = CURRENT.set(None)  # whoever listens may print
            try:
                for line in lines:
                    self._on_line(line)
            finally:
                CURRENT.reset(token)


def bounded(text: str) -> str:
    """The end of a text that is too long for a log, with a line that says so."""
    kept = _end_of(text)
    return text if len(kept) == len(text) else _left_out(len(text) - len(kept)) + kept


def _end_of(text: str) -> str:
    if len(text) <= MAX_CHARACTERS:
        return text
    begin = len(text) - MAX_CHARACTERS
    newline = text.find("\n", begin - 1, -1)
    return text[newline + 1 :] if newline >= 0 else text[begin:]


def _left_out(characters: int) -> str:
    return f"[{characters:,} characters left out: a log keeps the last {MAX_CHARACTERS:,}]\n"


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
        sandbox = CURRENT.get()
        if sandbox is None or sandbox.at_terminal:  # a forked child would write once more what waits there
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
