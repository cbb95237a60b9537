import io
import threading

from emulator.cli import screen as screen_module
from emulator.cli.screen import Screen
from emulator.delivery.steps import Kind, Step

STEP = Step(Kind.EVENT_RECEIPT, 0, event_id="1")


def draw(step: Step) -> list[str]:
    return [f"step {step.event_id}", "  below"]


def test_shows_in_order_and_writes_everything_before_it_closes() -> None:
    stream = io.StringIO()
    screen = Screen(stream, draw)
    screen.show("Ready.")
    screen.show(STEP)
    screen.close()
    assert stream.getvalue() == "Ready.\nstep 1\n  below\n"


def test_what_cannot_be_written_in_time_is_counted() -> None:
    stream, go = io.StringIO(), threading.Event()

    def slowly(step: Step) -> list[str]:
        go.wait(5)
        return draw(step)

    screen = Screen(stream, slowly)
    for _ in range(2 * screen_module.MAX_WAITING + 2):
        screen.show(STEP)
    go.set()
    screen.show("later")
    screen.close(5)
    assert "more steps: they came faster than they could be written" in stream.getvalue()
    assert stream.getvalue().count("step 1") <= 2 * screen_module.MAX_WAITING


class Gone(io.StringIO):
    """A pipe whose reader has gone."""

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_reader_that_has_gone_is_no_problem() -> None:
    screen = Screen(Gone(), draw)
    screen.show(STEP)
    screen.show(STEP)
    screen.close()
    assert screen.abandoned


class Unread(io.StringIO):
    """A pipe that is full, and nobody reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.full = threading.Event()

    def write(self, text: str) -> int:
        self.full.wait(20)
        return super().write(text)


def test_a_reader_who_takes_nothing_is_not_waited_for_to_the_end() -> None:
    """Or else: an hour."""
    stream = Unread()
    screen = Screen(stream, draw)
    screen.show(STEP)
    screen.close(3600)
    assert stream.getvalue() == ""
    stream.full.set()
