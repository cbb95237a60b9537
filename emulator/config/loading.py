"""config.yaml from the disk to a Config, or to everything that is wrong with it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from emulator.config.functions import beneath, build_functions, no_function
from emulator.config.problems import Problems
from emulator.config.result import Config
from emulator.config.rules import build_buses, build_rules
from emulator.config.services import build_services
from emulator.config.shapes import FileShape
from emulator.config.substitution import read_dotenv
from emulator.config.yaml_source import KeyPath, read
from emulator.errors import ConfigError, Problem
from emulator.runtime.home import home


class EmptyFile(ConfigError):
    """There is nothing in the file, not even a key."""

    def __init__(self, file: str) -> None:
        text = "is empty now; what it made stays. To take all of that away, write `rules: {}`"
        super().__init__([Problem(file, 1, 1, "", text)])


def load(path: Path, environ: Mapping[str, str], *, may_be_empty: bool = True) -> Config:
    """The configuration in the file `path`.  `${NAME}` is looked up in `environ`, then in `.env` beside the file.

    Raises ConfigError with every problem that was found, also when the file cannot be read; EmptyFile when it must
    not be empty.
    """
    dotenv = path.parent / ".env"
    variables = read_dotenv(_text(dotenv), str(dotenv)) if (home() / dotenv).is_file() else {}
    return parse(_text(path), path, {**variables, **environ}, may_be_empty=may_be_empty)


def parse(text: str, file: Path, environ: Mapping[str, str], *, may_be_empty: bool = True) -> Config:
    """The configuration in `text`; `file` names it in problems, and functions are looked for beside it.

    An empty text is a configuration too: of the functions alone.
    """
    source = read(text, str(file), environ)
    if source.value is None and not may_be_empty:
        raise EmptyFile(str(file))
    root = home() / file.parent
    problems = Problems(source, str(file))
    shape = _shape({} if source.value is None else source.value, problems)
    functions = build_functions(shape, root, problems)
    # A function that the file names itself, and that is wrong there, need not be missed here again.
    names = {function.name for function in functions} | _written(source.value, "functions")
    folder = beneath(root, shape.functions_dir)

    def missing(name: str) -> str | None:
        return None if name in names else no_function(name, names, folder)

    services = build_services(shape, problems)
    rules = build_rules(shape, missing, problems)
    buses = build_buses(shape, rules, problems)
    problems.raise_any()
    return Config(
        file=file,
        region=shape.region,
        account=shape.account,
        host=shape.host,
        port=shape.port,
        allowed_hosts=tuple(shape.allowed_hosts),
        functions_dir=folder,
        max_depth=shape.max_depth,
        services=services,
        permissions=shape.permissions,
        executor=shape.executor,
        queues=tuple(shape.queues),
        buses=buses,
        rules=rules,
        functions=functions,
        problem=problems.problem,
    )


def _written(value: Any, key: str) -> set[str]:
    """The names below a key of the file."""
    below = value.get(key) if isinstance(value, dict) else None
    return set(below) if isinstance(below, dict) else set()


def _shape(value: Any, problems: Problems) -> FileShape:
    """What is wrong is reported and left out, so that the rest can be looked at as well."""
    try:
        return FileShape.model_validate(value)
    except ValidationError as error:
        problems.add_all(error)
        if not isinstance(value, dict):
            problems.raise_any()
        rest = _without(value, {tuple(found["loc"]) for found in error.errors()})
    try:
        return FileShape.model_validate(rest)
    except ValidationError:
        problems.raise_any()
        raise


def _without(value: Any, paths: Collection[KeyPath]) -> Any:
    """A copy without what is at the `paths`; items of lists become None, so that the others keep their places."""
    heads = {path[0] for path in paths if len(path) == 1}
    deeper = {path[0]: [other[1:] for other in paths if len(other) > 1 and other[0] == path[0]] for path in paths}
    if isinstance(value, dict):
        return {key: _without(item, deeper.get(key, ())) for key, item in value.items() if key not in heads}
    if isinstance(value, list):
        return [None if index in heads else _without(item, deeper.get(index, ())) for index, item in enumerate(value)]
    return value


def _text(path: Path) -> str:
    try:
        return (home() / path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([Problem(str(path), 1, 1, "", f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError([Problem(str(path), 1, 1, "", f"is not UTF-8: {error.reason}")]) from None
