"""Measure the emulator against a bare application, in turn, in one run.

    scripts/bench            the whole table
    scripts/bench --quick    a tenth of the work, to see that it runs
    scripts/bench --million  also a million events, to see that the memory stays flat (a minute or two)

Both servers run in processes of their own; the load comes from this one.  The machine is usually shared and noisy:
the ratios are worth more than the absolute figures.
"""

import json
import socket
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import durable, matching, million, neighbours, processes
from tests.bench.load import answer, request, run
from tests.bench.servers import Server, bare, emulator, moto

RULES = 100
ENTRIES = 10

COUNT = """
seen = 0

def handler(event, context):
    global seen
    if "detail" in event:
        seen += 1
    return seen
"""

LATE = """
import time
times = []

def handler(event, context):
    if "detail" in event:
        times.append(time.time() - event["detail"]["sent"])
        return None
    return sorted(times)[len(times) // 2]
"""


def main() -> None:
    share = 10 if "--quick" in sys.argv else 1
    with tempfile.TemporaryDirectory() as folder:
        _write_project(Path(folder))
        with bare() as bare_server, emulator(folder) as ebl:
            _row("ready (bare FastAPI application)", f"{ebl.seconds:.2f} s", ebl.seconds / bare_server.seconds)
            _row("memory after start", f"{ebl.megabytes:.0f} MB", ebl.megabytes / bare_server.megabytes)
            _requests(bare_server, ebl, 20_000 // share)
            _put_events(bare_server, ebl, 4_000 // share)
            _latency(ebl, 500 // share)
            _neighbours(ebl, share)
    for row in (*durable.rows(share), *processes.rows(share)):
        _row(*row)
    for what, figure in matching.rows(share):
        _row(what, figure, None)
    if "--million" in sys.argv:
        for what, figure in million.rows():
            _row(what, figure, None)


def _requests(bare: Server, ebl: Server, count: int) -> None:
    nothing = run(bare.port, request(bare.port), count)
    describe = request(ebl.port, b"{}", target="AWSEvents.DescribeEventBus")
    answered = run(ebl.port, describe, count)
    _row("empty requests, bare", f"{nothing.rate:,.0f}/s", 1.0)
    _row("DescribeEventBus", f"{answered.rate:,.0f}/s", answered.rate / nothing.rate)


def _put_events(bare: Server, ebl: Server, count: int) -> None:
    entry = {"Source": "bench", "DetailType": "rule-7", "Detail": json.dumps({"id": 1, "items": [1, 2], "who": "me"})}
    body = json.dumps({"Entries": [entry] * ENTRIES}).encode()
    floor = run(bare.port, request(bare.port, body), count)
    before = _seen(ebl)
    begin = time.perf_counter()
    accepted = run(ebl.port, request(ebl.port, body, target="AWSEvents.PutEvents"), count)
    expected = before + accepted.requests * ENTRIES
    while _seen(ebl) < expected:
        time.sleep(0.01)
    seconds = time.perf_counter() - begin
    delivered = accepted.requests * ENTRIES / seconds
    _row("ten-entry bodies read by the bare application", f"{floor.rate * ENTRIES:,.0f} entries/s", 1.0)
    _row("PutEvents accepted", f"{accepted.rate * ENTRIES:,.0f} events/s", accepted.rate / floor.rate)
    _row(
        f"PutEvents delivered ({RULES} rules, one match)",
        f"{delivered:,.0f} events/s",
        delivered / ENTRIES / floor.rate,
    )


def _latency(ebl: Server, count: int) -> None:
    function = ebl.client("lambda")
    function.invoke(FunctionName="count", Payload=b"{}")
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        function.invoke(FunctionName="count", Payload=b"{}")
        times.append(time.perf_counter() - begin)
    _row("Invoke through boto3, p50", f"{sorted(times)[count // 2] * 1000:.2f} ms", None)
    with socket.create_connection(("127.0.0.1", ebl.port)) as connection:
        for _ in range(count):
            entry = {"Source": "bench", "DetailType": "late", "Detail": json.dumps({"sent": time.time()})}
            body = json.dumps({"Entries": [entry]}).encode()
            connection.sendall(request(ebl.port, body, target="AWSEvents.PutEvents"))
            answer(connection)
    report = json.loads(function.invoke(FunctionName="late", Payload=b"{}")["Payload"].read())
    _row("PutEvents to the handler's first line, p50", f"{report * 1000:.2f} ms", None)


def _neighbours(ebl: Server, share: int) -> None:
    for row in neighbours.first_calls(ebl.port):
        _row(*row)
    with moto() as other:
        for row in neighbours.against_moto(ebl.port, other.port, share):
            _row(*row)
    _row(*neighbours.in_process(share))


def _seen(ebl: Server) -> int:
    answer = ebl.client("lambda").invoke(FunctionName="count", Payload=b"{}")
    return int(json.loads(answer["Payload"].read()))


def _row(what: str, figure: str, ratio: float | None) -> None:
    print(f"| {what} | {figure} | {'' if ratio is None else f'{ratio:.2f}'} |", flush=True)


def _write_project(folder: Path) -> None:
    rules = {
        f"rule-{n}": {"pattern": {"source": ["bench"], "detail-type": [f"rule-{n}"]}, "targets": ["count"]}
        for n in range(RULES)
    }
    rules["late"] = {"pattern": {"detail-type": ["late"]}, "targets": ["late"]}
    (folder / "functions").mkdir()
    (folder / "functions" / "count.py").write_text(COUNT)
    (folder / "functions" / "late.py").write_text(LATE)
    (folder / "config.yaml").write_text(json.dumps({"rules": rules}))


if __name__ == "__main__":
    main()
