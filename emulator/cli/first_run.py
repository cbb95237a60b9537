"""The first screen: what was found, where to look, how to send one event.  Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from emulator import __version__
from emulator.cli.example import put_command, sample_for
from emulator.cli.pattern_text import summary
from emulator.cli.style import Line, Span, harmless, pad
from emulator.cli.terminal import label
from emulator.config.doubts import syntax_error
from emulator.runtime.dispatch import IN_PROCESS, executor_of
from emulator.runtime.function import handler_of, main_file
from emulator.runtime.home import shown
from emulator.runtime.languages import is_python
from emulator.store.functions import FunctionRow
from emulator.store.rules import Rule
from emulator.timing import parse_rule_schedule

_LABELS = 14
_MOST = 20
_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Found:
    """What the emulator has after the configuration was applied; `rules` with the ARNs of their targets, `urls` the
    functions' names and their addresses.

    `before` and `after` is what a command needs to get here (`place.way_to`), `kept` how many deliveries an earlier run
    has left to do; `executor` is where functions run that do not say it.
    """

    functions: Sequence[FunctionRow]
    rules: Sequence[tuple[Rule, Sequence[str]]]
    before: str = ""
    after: str = ""
    kept: int = 0
    urls: Sequence[tuple[str, str]] = ()
    executor: str = IN_PROCESS


def first_run(found: Found, url: str, seconds: float, now: float) -> Iterator[Line]:
    """The screen, up to and with `Ready.`; `seconds` it took to get there."""
    yield [
        Span(f"ebl {__version__}", "bold"), Span("  ·  "), Span(url, "cyan"),
        Span(f"  ·  api {url}/_ebl/docs  ·  ready in {seconds:.1f} s"),
    ]  # fmt: skip
    yield []
    yield from _block("functions", [_function(row, found) for row in found.functions[:_MOST]])
    yield from _more(len(found.functions))
    yield from _block("rules", list(_rules(found.rules[:_MOST], now)))
    yield from _more(len(found.rules))
    yield from _block("urls", [_url(name, address, found.urls) for name, address in found.urls[:_MOST]])
    yield from _more(len(found.urls))
    if not found.functions and not found.rules:
        yield from _block("found", ["no config.yaml and no functions/*.py here: `ebl init` writes a first project"])
    yield []
    if found.kept:
        goes = "1 delivery from before goes" if found.kept == 1 else f"{found.kept:,} deliveries from before go"
        yield from _block("kept", [f"{goes} on"])
    if example := _example(found):
        yield from _block("send one", [f"{found.before}{example}{found.after}"])
    export = f"export AWS_ENDPOINT_URL={url}"
    yield from _block("your code", [f'{export}     (or: eval "$({found.before}ebl env{found.after})")'])
    yield [Span("Ready.", "green")]


def place(function: FunctionRow) -> str:
    """`functions/charge.py:handler`, as far as that can be told without importing it."""
    if function.archive:
        return f"a zip of {function.code_size:,} bytes:{function.handler}"
    file = main_file(Path(function.code))
    path = shown(file or function.code)
    if function.handler:
        return f"{path}:{re.split('[.:]', function.handler)[-1]}"
    name = handler_of(Path(function.code), "").rpartition(".")[2]
    return f"{path}:{name}" if name else path


def next_firing(expression: str, now: float, anchor: float) -> str:
    """`next Sun 03:00 UTC`, with the date when that is more than a week away."""
    at = parse_rule_schedule(expression).next_after(now, anchor)
    if at is None:
        return "never again"
    form = "%a %H:%M UTC" if at - now < _WEEK else "%Y-%m-%d %H:%M UTC"
    return f"next {datetime.fromtimestamp(at, UTC):{form}}"


def _block(title: str, texts: Sequence[str]) -> Iterator[Line]:
    for index, text in enumerate(texts):
        yield [*pad([Span(f"  {'' if index else title}", "dim")], _LABELS), Span(text)]


def _more(count: int) -> Iterator[Line]:
    if count > _MOST:
        yield [Span(f"{'':{_LABELS}}… and {count - _MOST:,} more", "dim")]


def _function(row: FunctionRow, found: Found) -> str:
    first = max(len(other.name) for other in found.functions[:_MOST]) + 5
    second = max(len(place(other)) for other in found.functions[:_MOST]) + 5
    where = executor_of(row.runtime, row.executor, found.executor)
    language = "" if is_python(row.runtime) else f"   {row.runtime}"
    return f"{row.name:{first}}{place(row):{second}}{where}{language}{_broken(row)}"


def _url(name: str, address: str, every: Sequence[tuple[str, str]]) -> str:
    first = max(len(other) for other, _ in every[:_MOST]) + 3
    return f"{name:{first}}{address}"


def _broken(row: FunctionRow) -> str:
    """A file that Python cannot read is marked: every invocation will fail."""
    file = main_file(Path(row.code)) if row.code and is_python(row.runtime) else None
    error = syntax_error(file) if file is not None else None
    return "" if error is None else f"   ✗ {type(error).__name__} in line {error.lineno}"


def _rules(rules: Sequence[tuple[Rule, Sequence[str]]], now: float) -> Iterator[str]:
    middles = [_when(rule, now) for rule, _ in rules]
    first = max((len(rule.name) for rule, _ in rules), default=0) + 3
    second = max(map(len, middles), default=0) + 3
    for (rule, targets), middle in zip(rules, middles, strict=True):
        state = "" if rule.enabled else "   (disabled)"
        arrow = ", ".join(label(target) for target in targets) or "no targets"
        yield f"{harmless(rule.name):{first}}{middle:{second}}→ {arrow}{state}"


def _when(rule: Rule, now: float) -> str:
    parts = []
    if rule.pattern:
        parts.append(f"bus {harmless(rule.bus)}   {harmless(summary(rule.pattern))}")
    if rule.schedule:
        firing = next_firing(rule.schedule, now, rule.anchored or now) if rule.enabled else ""
        parts.append(f"{rule.schedule}  {firing}".rstrip())
    return "   ".join(parts)


def _example(found: Found) -> str:
    """A command that works: an event that a rule matches, or something else that makes a function run."""
    enabled = [(rule, targets) for rule, targets in found.rules if rule.enabled]
    for rule, _ in enabled:
        if rule.pattern and (command := put_command(rule.pattern, rule.bus)):
            return command
    names = {row.arn: row.name for row in found.functions}
    for rule, targets in enabled:
        function = next((names[target] for target in targets if target in names), None)
        if function and rule.pattern and (sample := sample_for(rule.pattern)):
            return f"ebl invoke {function} --sample {sample}"
    scheduled = next((rule.name for rule, targets in enabled if rule.schedule and targets), None)
    if scheduled:
        return f"ebl fire {scheduled}"
    return "" if found.rules or not found.functions else f"ebl invoke {found.functions[0].name}"
