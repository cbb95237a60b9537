"""The environment variables that a function finds: Lambda's own (recorded January 2026), then the user's.

None of the host's but the few below, as on AWS: what happens to be set in the developer's shell must not make a
function work that would fail when deployed.
"""

import os
import re

from emulator.runtime.function import FunctionSpec, handler_of
from emulator.runtime.languages import is_custom, is_python, shown_runtime
from emulator.runtime.places import Places
from emulator.runtime.zipping import handler_in_zip

INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
"""The host's variables that a function on a thread sees, so that its subprocesses and temporary files work."""

TRACE = "_X_AMZN_TRACE_ID"

_LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
_PROGRAMS = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"
_XRAY = "127.0.0.1", "2000"


def in_thread(function: FunctionSpec, root: str, log_stream: str) -> dict[str, str]:
    """For a sandbox of this process, whose folder is `root`."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        **_of_lambda(function, root, log_stream),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{shown_runtime(function)}",
        "_HANDLER": handler_of(function.code, function.handler),
        **function.environment,
    }


def in_process(function: FunctionSpec, places: Places, api: str, log_stream: str) -> dict[str, str]:
    """For a process of its own; `api` is HOST:PORT of its Runtime API."""
    found = {
        **_of_lambda(function, places.seen("/var/task"), log_stream),
        "PATH": f"{places.seen(_PROGRAMS)}:{os.environ.get('PATH', os.defpath)}",
        "LD_LIBRARY_PATH": ":".join(filter(None, (places.seen(_LIBRARIES), os.environ.get("LD_LIBRARY_PATH")))),
        "LC_CTYPE": "C.UTF-8",
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_XRAY_DAEMON_ADDRESS": ":".join(_XRAY),
        "_AWS_XRAY_DAEMON_ADDRESS": _XRAY[0],
        "_AWS_XRAY_DAEMON_PORT": _XRAY[1],
        "_HANDLER": handler_in_zip(function.code, function.handler),
        **_of_language(function, places),
    }
    if not places.mapped:
        found["TMPDIR"] = str(places.tmp)
    if function.log_format == "JSON":
        found |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}
    return found | {name: places.seen(value) for name, value in function.environment.items()}


def _of_lambda(function: FunctionSpec, root: str, log_stream: str) -> dict[str, str]:
    return {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PWD": root,
        "SHLVL": "0",
        "LAMBDA_TASK_ROOT": root,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": function.initialization,
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group or f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    }


def _of_language(function: FunctionSpec, places: Places) -> dict[str, str]:
    if is_custom(function.runtime):
        return {}  # AWS names no execution environment to a bootstrap of one's own
    found = {"AWS_EXECUTION_ENV": f"AWS_Lambda_{shown_runtime(function)}"}
    if is_python(function.runtime):
        return {**found, **({"PYTHONPATH": "/var/runtime"} if places.mapped else {})}
    major = re.sub(r"\D", "", function.runtime.partition(".")[0])
    modules = f"/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/task"
    return {**found, "NODE_PATH": places.seen(modules)}
