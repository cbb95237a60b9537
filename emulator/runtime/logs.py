"""The `logging` tree of one sandbox.

Loggers are shared objects, found by name; their levels and handlers are not. While a runtime exists, the attributes
that make up a logger's configuration are looked up in the sandbox whose code asks. So `getLogger().setLevel("INFO")`
in one function changes neither another function nor the server, and a reload does not add a handler a second time.
Format and root handler as AWS's Python runtime sets them up (awslambdaric 4.2.2).
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from emulator.runtime.current import CURRENT
from emulator.runtime.json_logs import JSON, JsonFormatter

_ROOT = "root"
_FRESH: dict[str, Callable[[], Any]] = {
    "level": lambda: logging.NOTSET,
    "handlers": list,
    "filters": list,
    "propagate": lambda: True,
    "disabled": lambda: False,
    "_cache": dict,
}


class Loggers(dict[str, dict[str, Any]]):
    """Per logger name, its configuration in one sandbox; made when first asked for."""

    def __missing__(self, name: str) -> dict[str, Any]:
        state = {attribute: make() for attribute, make in _FRESH.items()}
        if name == _ROOT:
            state |= {"level": logging.WARNING, "handlers": [_LambdaHandler()]}
        self[name] = state
        return state


def install() -> Callable[[], None]:
    """Make the configuration of loggers depend on who asks; returns what undoes it."""
    for name, make in _FRESH.items():
        setattr(logging.Logger, name, _PerSandbox(name, make))

    def uninstall() -> None:
        for name in _FRESH:
            delattr(logging.Logger, name)

    return uninstall


class _PerSandbox:
    """An attribute of every logger: the host's in the logger itself, a function's in its sandbox."""

    def __init__(self, name: str, fresh: Callable[[], Any]) -> None:
        self._name = name
        self._fresh = fresh

    def __get__(self, logger: logging.Logger | None, owner: type | None = None) -> Any:
        if logger is None:
            return self
        sandbox = CURRENT.get()
        if sandbox is None:
            return logger.__dict__[self._name]
        return sandbox.loggers[logger.name][self._name]

    def __set__(self, logger: logging.Logger, value: Any) -> None:
        sandbox = CURRENT.get()
        if sandbox is None or "name" not in logger.__dict__:  # a logger sets its filters before it has a name
            logger.__dict__[self._name] = value
        else:
            sandbox.loggers[logger.name][self._name] = value
            logger.__dict__.setdefault(self._name, self._fresh())


class _LambdaHandler(logging.Handler):
    """AWS's handler on the root logger."""

    def __init__(self) -> None:
        super().__init__()
        formatter = logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
        formatter.converter = time.gmtime
        self.setFormatter(formatter)
        self._as_json = JsonFormatter()
        self.addFilter(_add_request)

    def format(self, record: logging.LogRecord) -> str:
        sandbox = CURRENT.get()
        if sandbox is not None and sandbox.function.log_format == JSON:
            return self._as_json.format(record)
        return super().format(record)

    def emit(self, record: logging.LogRecord) -> None:
        sandbox = CURRENT.get()
        if sandbox is not None:
            text = self.format(record)
            sandbox.output.write(text if text.endswith("\n") else text + "\n")  # a record is an entry of its own


def _add_request(record: logging.LogRecord) -> bool:
    sandbox = CURRENT.get()
    record.aws_request_id = sandbox.request_id if sandbox is not None else ""
    record.tenant_id = sandbox.tenant_id if sandbox is not None else None
    return True
