"""Python's runtime: fetches invocations from the Runtime API and runs them in the handler, until it is ended.

Started by path, in the interpreter that the function gets, as `python.py SETTINGS`: JSON of the services that may
really be called (`real_aws`), where the layers are (`opt`), and of the folder whose `_*` modules are the function's too
(`shared`). Needs Python 3.10 and nothing but what lies in this package; what it prints, answers and fails with is what
AWS's own client does (awslambdaric 4.2.2).
"""

import contextlib
import importlib.machinery
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "..")))
from emulator.runtime import fault, home, real_aws
from emulator.runtime.context import LambdaContext
from emulator.runtime.exchange import event_of, payload_of
from emulator.runtime.fault import Failure, Fault
from emulator.runtime.json_logs import JsonFormatter, error_entry

_RUNTIME = "/2018-06-01/runtime/"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_CHUNK = 1 << 18
Handler = Callable[[Any, Any], Any]


class Api:
    """The Runtime API on one connection, which is made again when it breaks."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._host, _, self._port = address.partition(":")
        self._socket: socket.socket | None = None

    def next(self) -> tuple[Mapping[str, str], bytes]:
        """Wait for an invocation: its headers, by lower-case name, and its payload."""
        return self._ask("GET", "invocation/next", b"", {})

    def post(self, path: str, payload: bytes, headers: Mapping[str, str]) -> None:
        self._ask("POST", path, payload, headers)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"{method} {_RUNTIME}{path} HTTP/1.1\r\nHost: {self._address}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            return self._exchange(head.encode() + body)
        except OSError:
            if self._socket is None:
                raise
            self._socket = None
        return self._exchange(head.encode() + body)

    def _exchange(self, request: bytes) -> tuple[dict[str, str], bytes]:
        if self._socket is None:
            self._socket = socket.create_connection((self._host, int(self._port)))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._received()
        head, _, rest = data.partition(b"\r\n\r\n")
        fields = (line.partition(":") for line in head.decode().split("\r\n")[1:])
        headers = {name.lower(): value.strip() for name, _, value in fields}
        chunks, left = [rest], int(headers.get("content-length", 0)) - len(rest)
        while left > 0:
            chunks.append(self._received())
            left -= len(chunks[-1])
        return headers, b"".join(chunks)

    def _received(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("the Runtime API hung up")
        return data


class Runtime:
    """`request_id` and `tenant_id` are of the invocation that runs, for what is logged."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
        self._as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self._allowed = frozenset(settings["real_aws"])
        self._opt: str | None = settings["opt"]
        self._shared: str | None = settings["shared"]
        self.request_id = ""
        self.tenant_id: str | None = None

    def run(self) -> None:
        """Never returns, but when the handler cannot be loaded."""
        handler = self._load()
        while True:
            headers, payload = self._api.next()
            self._invoke(handler, headers, payload)
            del headers, payload

    def prepare(self) -> None:
        """The interpreter as AWS has it."""
        home.nowhere()
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, encoding="utf-8")  # type: ignore[union-attr]
        self._set_up_logging()
        real_aws.watch(self._check)
        task = os.environ["LAMBDA_TASK_ROOT"]
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        layers = [f"{self._opt}/python/lib/{version}/site-packages", f"{self._opt}/python"] if self._opt else []
        sys.path[:] = [task, *layers, *sys.path[2:]]  # without this folder and the package's
        if self._shared:
            sys.meta_path.append(_Shared(self._shared))
        sys.argv[:] = ["/var/runtime/bootstrap.py"]
        for name in [name for name in sys.modules if name.partition(".")[0] == "emulator"]:
            del sys.modules[name]  # the function may have such a package itself

    def _load(self) -> Handler:
        try:
            return _handler(os.environ["_HANDLER"])
        except Fault as error:
            failure = fault.of_fault(error, "")
        except Exception as error:
            failure = fault.of_exception(error, "")
        self._log(failure)
        self._api.post("init/error", failure.payload, {_ERROR_TYPE: failure.type})
        sys.exit(1)

    def _invoke(self, handler: Handler, headers: Mapping[str, str], payload: bytes) -> None:
        self.request_id = headers["lambda-runtime-aws-request-id"]
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        _set_trace(headers.get("lambda-runtime-trace-id"))
        path, process = f"invocation/{self.request_id}/", os.getpid()
        try:
            result = handler(event_of(payload), self._context(headers))
            kind = "application/unknown" if isinstance(result, bytes) else "application/json"
            path, body, more = path + "response", payload_of(result, handler), {"Content-Type": kind}
        except Exception as error:
            failure = (
                fault.of_fault(error, self.request_id)
                if isinstance(error, Fault)
                else fault.of_exception(error, self.request_id)
            )
            self._log(failure)
            path, body, more = path + "error", failure.payload, {_ERROR_TYPE: failure.type}
        _flush()
        if os.getpid() != process:  # a forked child has come to the end of the handler; the answer is its parent's
            os._exit(0)
        self._api.post(path, body, more)

    def _context(self, headers: Mapping[str, str]) -> LambdaContext:
        name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        function: Any = SimpleNamespace(
            name=name, log_group=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
            memory_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
            version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        )  # fmt: skip
        invocation: Any = SimpleNamespace(
            function=function, request_id=self.request_id, tenant_id=self.tenant_id,
            invoked_arn=headers["lambda-runtime-invoked-function-arn"],
            client_context=headers.get("lambda-runtime-client-context"),
        )  # fmt: skip
        deadline = int(headers["lambda-runtime-deadline-ms"]) / 1000
        left = deadline - time.time()
        return LambdaContext(invocation, os.environ["AWS_LAMBDA_LOG_STREAM_NAME"], time.monotonic() + left, deadline)

    def _log(self, failure: Failure) -> None:
        with contextlib.suppress(OSError, ValueError):  # the function has closed it
            sys.stdout.write(error_entry(failure.payload) if self._as_json else failure.log)
        _flush()

    def _set_up_logging(self) -> None:
        handler = _ToStdout()
        if self._as_json:
            handler.setFormatter(JsonFormatter())
        else:
            logging.Formatter.converter = time.gmtime
            form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
            handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
        handler.addFilter(self._add_request)
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        level = "DEBUG" if level == "TRACE" else level
        if level in logging._nameToLevel:
            logging.getLogger().setLevel(level)
        logging.getLogger().addHandler(handler)

    def _add_request(self, record: logging.LogRecord) -> bool:
        record.aws_request_id, record.tenant_id = self.request_id, self.tenant_id
        return True

    def _check(self, host: Any) -> None:
        called = real_aws.service_called(host)
        if called is not None and called[1] not in self._allowed:
            name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
            raise real_aws.RealAwsRefused(real_aws.refusal(_calling_line(name), name, *called))


class _ToStdout(logging.Handler):
    """AWS's handler on the root logger."""

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


class _Shared:
    """Modules that begin with `_` and lie beside the function's folder: on AWS they would be in a layer."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None and fullname.startswith("_"):
            return importlib.machinery.PathFinder.find_spec(fullname, [self._folder], target)
        return None


def _handler(name: str) -> Handler:
    """Raises Fault, or what the module raises."""
    module_name, dot, attribute = name.rpartition(".")
    if not dot:
        reason = "not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {reason}")
    try:
        if module_name.partition(".")[0] in sys.builtin_module_names:
            message = f"Cannot use built-in module {module_name} as a handler module"
            raise Fault("Runtime.BuiltInModuleConflict", message)
        name = module_name.replace("/", ".")
        __import__(name)  # with no frame of importlib's, which nobody could mend
        module = sys.modules[name]
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise Fault("Runtime.ImportModuleError", message, cause=error) from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, trace) from error
    if not hasattr(module, attribute):
        message = f"Handler '{attribute}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message)
    return getattr(module, attribute)  # type: ignore[no-any-return]


def _set_trace(trace: str | None) -> None:
    if trace is None:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    else:
        os.environ["_X_AMZN_TRACE_ID"] = trace


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def _calling_line(function: str) -> str | None:
    root = os.environ.get("LAMBDA_TASK_ROOT", "/var/task") + "/"
    frame = sys._getframe(2)
    while frame.f_back is not None:
        if frame.f_code.co_filename.startswith(root):
            return f"{frame.f_code.co_filename}:{frame.f_lineno} (function {function})"
        frame = frame.f_back
    return None


if __name__ == "__main__":
    runtime = Runtime(json.loads(sys.argv[1]))
    runtime.prepare()
    runtime.run()
