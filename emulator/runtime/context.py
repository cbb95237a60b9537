"""The `context` that a handler is given. Source: awslambdaric 4.2.2, lambda_context.py."""

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from emulator.runtime.fault import Fault

if TYPE_CHECKING:
    from emulator.runtime.outcome import Invocation


class CognitoIdentity:
    """Who called through Cognito: nobody, here."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None

    def __repr__(self) -> str:
        return _shown(self, self.__slots__)


class Client:
    """The mobile application that called, as it describes itself."""

    __slots__ = ("app_package_name", "app_title", "app_version_code", "app_version_name", "installation_id")

    def __init__(self, members: dict[str, Any]) -> None:
        _fill(self, self.__slots__, members)

    def __repr__(self) -> str:
        return _shown(
            self, ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        )


class ClientContext:
    """What the caller sent as ClientContext."""

    __slots__ = ("client", "custom", "env")
    client: Any

    def __init__(self, members: dict[str, Any]) -> None:
        _fill(self, self.__slots__, members)
        if self.client is not None:
            self.client = Client(self.client)

    def __repr__(self) -> str:
        return _shown(self, ("custom", "env", "client"))


class LambdaContext:
    """`deadline` counts on `time.monotonic`; `epoch_deadline` is the same moment in seconds since 1970."""

    def __init__(self, invocation: "Invocation", log_stream: str, deadline: float, epoch_deadline: float) -> None:
        function = invocation.function
        self.aws_request_id = invocation.request_id
        self.log_group_name = function.log_group or f"/aws/lambda/{function.name}"
        self.log_stream_name = log_stream
        self.function_name = function.name
        self.memory_limit_in_mb = str(function.memory_mb)
        self.function_version = function.version
        self.invoked_function_arn = invocation.invoked_arn
        self.tenant_id = invocation.tenant_id
        text = invocation.client_context
        members = _parsed(text) if text else None
        self._w3c_fields = _taken_w3c(members)
        self.client_context = None if members is None else ClientContext(members)
        self.identity = CognitoIdentity()
        self._epoch_deadline_time_in_ms = int(epoch_deadline * 1000)
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the time-out, never below 0."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def w3c(self) -> dict[str, str]:
        """The W3C trace context of the caller: `traceparent`, `tracestate`, `baggage`, as far as it was given."""
        return dict(self._w3c_fields)

    def log(self, message: object) -> None:
        """One entry in the log, as it is: no level, no request id."""
        text = str(message)
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def __repr__(self) -> str:
        return _shown(self, _CONTEXT_MEMBERS)


_CONTEXT_MEMBERS = (
    "aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb", "function_version",
    "invoked_function_arn", "client_context", "identity", "tenant_id",
)  # fmt: skip


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse Client Context JSON: {error}") from error


def _taken_w3c(members: Any) -> dict[str, str]:
    """The trace fields, which are not left in the client context."""
    given = members.pop("w3c", None) if isinstance(members, dict) else None
    names = ("traceparent", "tracestate", "baggage")
    return {name: given[name] for name in names if isinstance(given.get(name), str)} if isinstance(given, dict) else {}


def _fill(target: object, names: tuple[str, ...], members: dict[str, Any]) -> None:
    for name in names:
        setattr(target, name, members.get(name))


def _shown(target: object, names: tuple[str, ...]) -> str:
    return f"{type(target).__name__}([{','.join(f'{name}={getattr(target, name)}' for name in names)}])"
