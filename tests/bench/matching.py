"""What matching costs: one event of about 25 fields against many rules, in this process, without parsing."""

import gc
import json
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from emulator.matching import Pattern, RuleIndex, compile_pattern, parse_event

Row = tuple[str, str]

STATES = ["new", "paid", "packed", "sent", "lost"]


def rows(share: int = 1) -> Iterator[Row]:
    """(what, figure) of each; `share` divides the work."""
    event = _event()
    one = _index([_pattern(7)])
    yield "match, 1 rule", _micros(partial(one.match, event), 20_000 // share)
    for count in (10_000, 50_000):
        index = _index([_pattern(n) for n in range(count // share)])
        yield f"match, {count:,} rules", _micros(partial(index.match, event), 20_000 // share)
        if count == 10_000:
            pattern = compile_pattern(_pattern(count + 1))
            yield "add and remove a rule at 10,000", _micros(partial(_add_and_remove, index, pattern), 5_000 // share)
        del index
    yield "memory a rule at 10,000", _memory(10_000 // share)
    for name, make in _BAD.items():
        index = _index([make(n) for n in range(1_000 // share)])
        yield f"bad case: {name}", _micros(partial(index.match, event), 200 // share or 1)


def _add_and_remove(index: RuleIndex[int], pattern: Pattern) -> None:
    index.add(-1, pattern)
    index.remove(-1)


def _micros(work: Callable[[], object], count: int) -> str:
    best = min(_timed(work, count) for _ in range(3))
    return f"{best * 1e6:.1f} µs"


def _timed(work: Callable[[], object], count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - begin) / count


def _memory(count: int) -> str:
    patterns = [_pattern(n) for n in range(count)]
    gc.collect()
    tracemalloc.start()
    index = _index(patterns)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"{used / len(index) / 1024:.1f} KB"


def _index(patterns: list[str]) -> RuleIndex[int]:
    index: RuleIndex[int] = RuleIndex()
    for number, text in enumerate(patterns):
        index.add(number, compile_pattern(text))
    return index


def _pattern(number: int) -> str:
    """Rules as people write them: source and type exact, one or two conditions on the detail, of every kind."""
    pick = random.Random(number)
    detail: dict[str, Any] = {"customer": {"id": [f"c-{number}"]}}
    detail |= pick.choice([
        {"state": [pick.choice(STATES)]},
        {"amount": [{"numeric": [">", pick.randrange(1000)]}]},
        {"key": [{"prefix": f"in/{number % 500}/"}]},
        {"country": [{"anything-but": ["DE", "FR"]}]},
        {"coupon": [{"exists": False}]},
    ])  # fmt: skip
    return json.dumps({"source": [f"shop-{number % 50}"], "detail-type": ["OrderPlaced"], "detail": detail})


_BAD: dict[str, Callable[[int], str]] = {
    "1,000 wildcards behind one key": lambda n: json.dumps({"detail": {"key": [{"wildcard": f"*{n}*jpg"}]}}),
    "1,000 numeric tests behind one key": lambda n: json.dumps({"detail": {"amount": [{"numeric": ["<", -n - 1]}]}}),
    "1,000 anything-but behind one key": lambda n: json.dumps(
        {"detail": {"state": [{"anything-but": ["paid", f"{n}"]}]}}
    ),
}


def _event() -> dict[str, Any]:
    detail = {
        "customer": {"id": "c-7", "name": "Ada", "address": {"street": "High Street", "city": "Bath", "zip": "BA1"}},
        "state": "paid", "amount": 500.5, "currency": "GBP", "country": "GB", "key": "in/7/photo.png",
        "items": [{"sku": "a", "count": 1, "price": 9.5}, {"sku": "b", "count": 2, "price": 245.5}],
        "tags": ["first", "gift"], "express": True, "note": None, "source-ip": "10.0.0.1",
    }  # fmt: skip
    envelope = {
        "version": "0", "id": "0d0a608b-b6bd-e22d-739b-365f723ccf4b", "detail-type": "OrderPlaced", "source": "shop-7",
        "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
        "detail": detail,
    }  # fmt: skip
    return parse_event(json.dumps(envelope))
