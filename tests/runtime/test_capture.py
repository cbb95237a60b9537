import contextlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.runtime.capture import MAX_CHARACTERS, MAX_LINE, Output, Stream
from tests.runtime.running import Running


def lines(log: str) -> list[str]:
    """The function's own lines in a log."""
    return [line for line in log.splitlines() if not line.startswith(("START", "END", "REPORT"))]


@pytest.mark.parametrize(
    "statement",
    [
        "print('hello')",
        "print('hello', file=sys.stderr)",
        "sys.stdout.write('hello\\n')",
        "sys.stdout.writelines(['hel', 'lo\\n'])",
        "sys.stderr.write('hel'); print('lo', flush=True)",
        "sys.stdout.buffer.write(b'hello\\n')",
        "import logging; logging.StreamHandler(sys.stdout).emit(logging.makeLogRecord({'msg': 'hello'}))",
        "import threading; t = threading.Thread(target=print, args=('hello',)); t.start(); t.join()",
        "import concurrent.futures as f\n    with f.ThreadPoolExecutor() as pool: pool.submit(print, 'hello')",
        "import asyncio; asyncio.run(asyncio.to_thread(print, 'hello'))",
    ],
)
def test_what_is_printed_is_in_the_log(running: Running, statement: str) -> None:
    outcome = running.run(running.function(f"import sys\ndef handler(event, context):\n    {statement}"))
    assert lines(outcome.log) == ["hello"]


def test_redirected_output_is_redirected_for_this_function_only(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    source = """
        import contextlib, io
        def handler(event, context):
            text, errors = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(text), contextlib.redirect_stderr(errors):
                event()
                print("inside")
            print("outside")
            return [text.getvalue(), errors.getvalue()]
        """
    function = running.function(source.replace("event()", "print('error', file=__import__('sys').stderr)"))
    outcome = running.run(function)
    assert outcome.payload == b'["inside\\n", "error\\n"]'
    assert lines(outcome.log) == ["outside"]
    with contextlib.redirect_stdout(io.StringIO()) as text:
        print("host")
        running.run(function)
    print("after")
    assert (text.getvalue(), capsys.readouterr().out) == ("host\n", "after\n")


def test_concurrent_functions_have_their_own_log(running: Running) -> None:
    source = """
        import threading
        barrier = threading.Barrier(1)
        def handler(event, context):
            for number in range(200):
                print(event, number)
        """
    invocations = [running.invocation(running.function(source, name=name), name) for name in ("one", "two", "three")]
    for invocation, outcome in zip(invocations, running.run_all(invocations), strict=True):
        assert lines(outcome.log) == [f"{invocation.function.name} {number}" for number in range(200)]


def test_an_unfinished_line_goes_into_the_next_log(running: Running) -> None:
    function = running.function("def handler(event, context): print(event, end='' if event == 1 else '\\n')")
    assert [lines(running.run(function, number).log) for number in (1, 2)] == [[], ["12"]]


def test_lines_are_heard_while_the_handler_runs(running: Running) -> None:
    source = """
        print("loading")
        def handler(event, context):
            print("one\\ntw", end="")
            print("o")
            print("unfinished", end="")
        """
    running.run(running.function(source))
    assert running.lines == [("charge", "loading"), ("charge", "one"), ("charge", "two")]


def test_whoever_listens_may_print(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    class Terminal(list[tuple[str, str]]):
        def append(self, line: tuple[str, str]) -> None:
            print(line[0], "│", line[1])

    running.lines = Terminal()
    running.run(running.function("def handler(event, context): print('charging')"))
    assert capsys.readouterr().out == "charge │ charging\n"


def test_prints_outside_of_functions_stay_where_they_were(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    function = running.function("def handler(event, context): print('inside')")
    print("before")
    running.run(function)
    print("after")
    print("error", file=sys.stderr)
    assert capsys.readouterr() == ("before\nafter\n", "error\n")
    running.run(function)
    print("again")
    assert capsys.readouterr().out == "again\n"


def test_the_streams_look_like_streams(running: Running) -> None:
    source = """
        import sys
        def handler(event, context):
            out = sys.stdout
            return [out.isatty(), out.encoding.lower(), out.writable(), out.closed, hasattr(out, "reconfigure")]
        """
    assert running.result(running.function(source))[:4] == [False, "utf-8", True, False]


def test_a_stream_survives_the_end_of_the_one_it_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    replaced = io.StringIO()
    stream = Stream("stdout", replaced)
    stream.write("first")
    assert replaced.getvalue() == "first"
    replaced.close()
    assert stream.host is sys.__stdout__


def test_a_function_that_prints_without_end_fills_a_bounded_memory() -> None:
    output = Output(None)
    for _ in range(5):
        output.write("x" * MAX_CHARACTERS)
    output.write("end\n")
    text = output.take()
    assert text.startswith(f"[{4 * MAX_CHARACTERS + 4:,} characters left out: a log keeps the last 1,000,000]\nx")
    assert text.endswith("xend\n")
    assert len(text) < MAX_CHARACTERS + 100
    output.write("next\n")
    assert output.take() == "next\n"


def test_a_flood_of_lines_leaves_whole_lines_and_says_how_much_it_left_out(running: Running) -> None:
    source = "def handler(event, context):\n    for number in range(20_000): print('line', 'x' * 100, number)"
    log = running.run(running.function(source, timeout=60)).log
    start, left_out, *kept, _, _ = log.splitlines()
    assert left_out == f"[{2_228_890 - sum(len(line) + 1 for line in kept):,} characters left out: " + KEPT
    assert (start[:5], kept[0][:5], kept[-1][-5:]) == ("START", "line ", "19999")
    assert MAX_CHARACTERS - 120 < sum(len(line) + 1 for line in kept) <= MAX_CHARACTERS


KEPT = "a log keeps the last 1,000,000]"


def test_an_errors_message_is_bounded_too(running: Running) -> None:
    source = f"def handler(event, context):\n    raise ValueError('m' * {3 * MAX_CHARACTERS})"
    log = running.run(running.function(source)).log
    assert len(log) < MAX_CHARACTERS + 1000
    assert KEPT in log


def test_a_line_without_end_is_heard_in_pieces() -> None:
    heard: list[str] = []
    output = Output(heard.append)
    for _ in range(5 * MAX_LINE):
        output.write("x")
    output.write("\nshort\nunfinished")
    assert [len(line) for line in heard] == [MAX_LINE + 1] * 4 + [MAX_LINE - 4, 5]
    assert output._line_size == len("unfinished")


def test_writing_what_is_no_text(running: Running) -> None:
    error = running.error(running.function("import sys\ndef handler(event, context): sys.stdout.write(1)"))
    assert error["errorMessage"] == "write() argument must be str, not int"


def test_the_streams_are_put_back(running: Running) -> None:
    running.run(running.function("def handler(event, context): ..."))
    assert type(sys.stdout) is Stream
    running.executor.close()
    assert Stream not in (type(sys.stdout), type(sys.stderr))
    with ThreadPoolExecutor() as pool:
        pool.submit(print, "still works").result()
