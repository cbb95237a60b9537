"""Functions in processes of their own, against the same function on a thread, in turn, on one server."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.servers import Server, emulator

PYTHON = "import os\ndef handler(event, context): return os.getpid()"
NODE = "exports.handler = async () => process.pid"
ROUNDS = 10_000


def rows(share: int) -> Iterator[tuple[str, str, float | None]]:
    """What, the figure, and how many times that of a thread it is."""
    with tempfile.TemporaryDirectory() as folder:
        _write_project(Path(folder))
        with emulator(folder) as server:
            yield from _warm(server, 500 // share)
            yield from _cold(server, Path(folder), max(2, 10 // share))
            yield from _concurrent(server)
            yield _leaks(server, ROUNDS // share)


def _warm(server: Server, count: int) -> Iterator[tuple[str, str, float | None]]:
    thread = _p50(server, "thread", count)
    yield "Invoke on a thread through boto3, p50", f"{thread * 1000:.2f} ms", 1.0
    for name in _in_processes():
        seconds = _p50(server, name, count)
        yield f"Invoke in a warm process through boto3, p50 ({name})", f"{seconds * 1000:.2f} ms", seconds / thread


def _cold(server: Server, folder: Path, count: int) -> Iterator[tuple[str, str, float | None]]:
    client = server.client("lambda")
    for name in _in_processes():
        file = next((folder / "functions").glob(f"{name}.*"))
        times = []
        for _ in range(count):
            file.write_text(file.read_text() + "\n")
            begin = time.perf_counter()
            _invoke(client, name)
            times.append(time.perf_counter() - begin)
        yield f"Invoke with a cold start, p50 ({name})", f"{median(times) * 1000:.0f} ms", None


def _concurrent(server: Server) -> Iterator[tuple[str, str, float | None]]:
    """Fifty callers at once, of a function that has one warm process."""
    seconds = {}
    for name in ("thread", "python"):
        clients = [server.client("lambda") for _ in range(50)]
        with ThreadPoolExecutor(50) as pool:
            begin = time.perf_counter()
            list(pool.map(lambda client, name=name: _invoke(client, name), clients))
            seconds[name] = time.perf_counter() - begin
    for name in seconds:
        yield f"fifty invocations at once ({name})", f"{seconds[name]:.2f} s", seconds[name] / seconds["thread"]


def _leaks(server: Server, count: int) -> tuple[str, str, float | None]:
    """Memory, open files and processes after so many invocations, against after a tenth of them."""
    client = server.client("lambda")
    for _ in range(count // 10):
        _invoke(client, "python")
    before = _held(server)
    for _ in range(count - count // 10):
        _invoke(client, "python")
    after = _held(server)
    told = ", ".join(f"{now:,.0f} {what}" for now, what in zip(after, ("MB", "files", "processes"), strict=True))
    return f"after {count:,} invocations in a process", told, after[0] / before[0]


def _held(server: Server) -> tuple[float, int, int]:
    return server.megabytes, len(os.listdir(f"/proc/{server.process.pid}/fd")), len(_descendants(server.process.pid))


def _descendants(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found[1:]


def _in_processes() -> list[str]:
    return ["python", *(["node"] if shutil.which("node") else [])]


def _p50(server: Server, name: str, count: int) -> float:
    client = server.client("lambda")
    _invoke(client, name)
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        _invoke(client, name)
        times.append(time.perf_counter() - begin)
    return median(times)


def _invoke(client: Any, name: str) -> None:
    answer = client.invoke(FunctionName=name, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    answer["Payload"].read()


def _write_project(folder: Path) -> None:
    functions = folder / "functions"
    functions.mkdir()
    (functions / "thread.py").write_text(PYTHON)
    (functions / "python.py").write_text(PYTHON)
    (functions / "node.js").write_text(NODE)
    processes = ["python", *(["node"] if shutil.which("node") else [])]
    if "node" not in processes:
        (functions / "node.js").unlink()
    (folder / "config.yaml").write_text(json.dumps({"functions": {"python": {"executor": "process"}}}))
