"""What is no error and still hardly meant: found in a configuration that is right, said as a warning.

A pattern may ask for any key, so `Source` is not refused; an event has no such key, so the rule never runs.
Handlers are read, never imported.
"""

import ast
import difflib
import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import botocore

from emulator.arn import Arn
from emulator.config.result import Config, Function, Rule
from emulator.errors import Problem
from emulator.runtime.function import TOO_DEEP, main_file
from emulator.runtime.home import shown
from emulator.runtime.languages import is_python

ENVELOPE = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
"""The keys of every event on a bus (documented by AWS: "Events structure reference")."""

_OPERATORS = ("$or",)


def doubts(config: Config) -> list[Problem]:
    """One for each, in the order of the file; those about the code of functions point into that."""
    of_rules = [found for rule in config.rules for found in _of_pattern(config, rule)]
    of_targets = [found for rule in config.rules for found in _of_targets(config, rule)]
    of_functions = [
        found
        for function in config.functions
        for found in (*_of_services(config, function), *_of_code(config, function))
    ]
    return [*of_rules, *of_targets, *of_functions]


def syntax_error(file: Path) -> SyntaxError | None:
    """What Python says of a file that it cannot read."""
    try:
        ast.parse(file.read_bytes())
    except SyntaxError as error:
        return error
    except (OSError, ValueError, *TOO_DEEP):  # it is not there, or has a NUL in it: the invocation says so
        return None
    return None


def _of_pattern(config: Config, rule: Rule) -> Iterator[Problem]:
    for key in json.loads(rule.pattern or "{}"):
        if key not in (*ENVELOPE, *_OPERATORS):
            near = difflib.get_close_matches(_folded(key), ENVELOPE, n=1, cutoff=0.7)
            meant = f'; did you mean "{near[0]}"?' if near else f", which has {', '.join(ENVELOPE)}"
            yield config.problem((*rule.key, "pattern", key), f"no event has the key {key}{meant}")


def _of_targets(config: Config, rule: Rule) -> Iterator[Problem]:
    """The ARN of a function may be one that the API makes later; most often it is misspelt."""
    names = {function.name for function in config.functions}
    for index, target in enumerate(rule.targets):
        arn = Arn.parse(target.arn)
        if arn is None or (arn.service, arn.account, arn.region) != ("lambda", config.account, config.region):
            continue
        name = arn.resource.removeprefix("function:").partition(":")[0]
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            meant = f"; did you mean '{near[0]}'?" if near else ", unless it is made through the API"
            yield config.problem((*rule.key, "targets", index, "arn"), f"no function '{name}'{meant}")


def _of_services(config: Config, function: Function) -> Iterator[Problem]:
    """Only what is nearly the name of a service: the guard goes by names of endpoints, which are not all listed."""
    for name in sorted(function.allow_real_aws):
        if name not in _services():
            near = difflib.get_close_matches(name, _services(), n=1, cutoff=0.8)
            if near:
                key = ("functions", function.name, "allow_real_aws")
                yield config.problem(key, f"no service is called {name}; did you mean {near[0]}?")


@lru_cache
def _services() -> frozenset[str]:
    """botocore has a folder for each service; their names are cheap to list."""
    folder = Path(botocore.__file__).parent / "data"
    return frozenset(entry.name for entry in os.scandir(folder) if entry.is_dir())


def _folded(key: str) -> str:
    """`DetailType` and `detail_type` as the envelope would spell them."""
    return re.sub(r"[^A-Za-z]*([A-Z]+)|[^A-Za-z]+", lambda found: f"-{found[1] or ''}", key).strip("-").lower()


def _of_code(config: Config, function: Function) -> Iterator[Problem]:
    if not is_python(function.runtime or ""):
        return
    file, attribute = _place(function)
    if file is None or not file.is_file():
        return
    error = syntax_error(file)
    if error is not None:
        text = f"function {function.name}: {type(error).__name__}: {error.msg}"
        yield Problem(shown(file), error.lineno or 1, error.offset or 1, "", text)
    elif attribute and not _defines(file, attribute):
        yield config.problem(("functions", function.name, "handler"), f"{shown(file)} defines no {attribute}")


def _place(function: Function) -> tuple[Path | None, str]:
    """The file and the name in it that `handler` says; None for a file that only an import would find."""
    if not function.handler:
        return main_file(function.code), ""
    module, _, attribute = function.handler.rpartition(":" if ":" in function.handler else ".")
    name = f"{module.removesuffix('.py').rpartition('/')[2].replace('.', '/')}.py"
    if function.code.is_dir():
        return function.code / name, attribute
    return (function.code if function.code.name == name else function.code.with_name(name)), attribute


def _defines(file: Path, name: str) -> bool:
    """Generous: wherever it is bound, it may become the handler."""
    try:
        nodes = ast.walk(ast.parse(file.read_bytes()))
    except (OSError, *TOO_DEEP):
        return True  # nobody knows
    return any(name in _bound(node) or "*" in _bound(node) for node in nodes)


def _bound(node: ast.AST) -> tuple[str, ...]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Name(id=name, ctx=ast.Store()):
            return (name,)
        case ast.alias(name=name, asname=asname):
            return (asname or name,)
    return ()
