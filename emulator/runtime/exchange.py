"""From the payload of an invocation to the handler's event, and from what it returns to the payload of the response."""

import inspect
import json
from collections.abc import Callable
from typing import Any

from emulator.runtime.fault import Fault
from emulator.runtime.home import shown
from emulator.runtime.marshal import to_json


def event_of(payload: bytes) -> Any:
    if not payload:
        return {}
    try:
        return json.loads(payload.decode())
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def payload_of(result: Any, handler: Callable[..., Any]) -> bytes:
    if isinstance(result, bytes):
        return result
    try:
        text = to_json(result)
    except Exception as error:
        if inspect.iscoroutine(result):
            result.close()
        message = f"Unable to marshal response: {error}"
        raise Fault("Runtime.MarshalError", message, where=_definition(handler)) from error
    try:
        return text.encode()
    except UnicodeEncodeError as error:  # half a surrogate pair: AWS's runtime falls over it
        raise SystemExit(f"UnicodeEncodeError: {error}") from error


def _definition(handler: Callable[..., Any]) -> str | None:
    code = getattr(inspect.unwrap(handler), "__code__", None)
    return f"{shown(code.co_filename)}:{code.co_firstlineno}" if code is not None else None
