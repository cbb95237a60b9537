import io
import sys

import pytest

from tests.runtime.running import Running


@pytest.mark.parametrize("statement", ["breakpoint()", "import pdb; pdb.set_trace()"])
def test_a_breakpoint_talks_to_the_terminal_and_the_timeout_waits(
    running: Running, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "breakpointhook", sys.__breakpointhook__)
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setattr(sys, "stdin", Typing(["p order", "import time; time.sleep(0.15)", "c"]))
    import pdb

    monkeypatch.setattr(pdb, "set_trace", lambda: pdb.Pdb().set_trace(sys._getframe(1)))
    source = f"""
        def handler(event, context):
            print("before")
            order = "order " + str(event)
            {statement}
            print("after")
            return context.get_remaining_time_in_millis() > 0
        """
    outcome = running.run(running.function(source, timeout=0.1), 7)
    assert outcome.payload == b"true", outcome.log
    assert "'order 7'" in terminal.getvalue()
    assert "before\nafter\n" in outcome.log
    assert "before" not in terminal.getvalue()


class Typing(io.StringIO):
    """A terminal at which somebody types."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("".join(line + "\n" for line in lines))

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("statement", ["breakpoint()", "import pdb; pdb.set_trace()"])
@pytest.mark.parametrize("stdin", [io.StringIO(), None])
def test_without_a_terminal_a_breakpoint_is_passed(
    running: Running, monkeypatch: pytest.MonkeyPatch, statement: str, stdin: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "breakpointhook", sys.__breakpointhook__)
    monkeypatch.setattr(sys, "stdin", stdin)
    import pdb

    monkeypatch.setattr(pdb, "set_trace", lambda: pdb.Pdb().set_trace(sys._getframe(1)))
    source = f"""
        def handler(event, context):
            {statement}
            print("after")
            return [event]
        """
    outcome = running.run(running.function(source), 7)
    assert outcome.payload == b"[7]", outcome.log
    said, after = outcome.log.splitlines()[1:3]
    line = 3 if sys.version_info >= (3, 13) else 4
    place = f"{running.folder}/charge.py:{line}"
    assert said.startswith(f"ebl: breakpoint not taken at {place}: the emulator has no terminal to debug at.")
    assert after == "after"
    assert ("charge", said) in running.lines
