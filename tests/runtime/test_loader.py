import os
from pathlib import Path

import pytest

from tests.runtime.running import Running

WHERE = "def {name}(event, context): return [__name__, {name!r}]\n"


@pytest.mark.parametrize(
    ("files", "code", "handler", "expected"),
    [
        ({"charge.py": WHERE.format(name="handler")}, "charge.py", "", ["charge", "handler"]),
        ({"charge.py": WHERE.format(name="lambda_handler")}, "charge.py", "", ["charge", "lambda_handler"]),
        ({"charge.py": WHERE.format(name="handle")}, "charge.py", "", ["charge", "handle"]),
        ({"charge.py": WHERE.format(name="pay")}, "charge.py", "charge.pay", ["charge", "pay"]),
        ({"charge.py": WHERE.format(name="pay")}, "charge.py", "charge:pay", ["charge", "pay"]),
        ({"my-function.py": WHERE.format(name="pay")}, "my-function.py", "my-function.pay", ["my-function", "pay"]),
        ({"email.py": WHERE.format(name="handler")}, "email.py", "", ["email", "handler"]),
        ({"orders/app.py": WHERE.format(name="handler")}, "orders", "", ["app", "handler"]),
        ({"orders/app.py": WHERE.format(name="run")}, "orders", "app.run", ["app", "run"]),
        ({"orders/app.py": WHERE.format(name="run")}, "orders", "functions/orders/app.py:run", ["app", "run"]),
        ({"orders/app.py": WHERE.format(name="run")}, "orders", "app.py:run", ["app", "run"]),
        ({"orders/src/app.py": WHERE.format(name="run")}, "orders", "src/app.run", ["src.app", "run"]),
        ({"orders/src/app.py": WHERE.format(name="run")}, "orders", "src.app.run", ["src.app", "run"]),
        ({"orders/__init__.py": WHERE.format(name="handler")}, "orders", "", ["orders", "handler"]),
        (
            {"orders/__init__.py": "", "orders/app.py": WHERE.format(name="handler")},
            "orders",
            "",
            ["orders.app", "handler"],
        ),
        (
            {"__init__.py": "", "charge.py": WHERE.format(name="handler")},
            "charge.py",
            "",
            ["functions.charge", "handler"],
        ),
    ],
)
def test_handlers_are_found(
    running: Running, files: dict[str, str], code: str, handler: str, expected: list[str]
) -> None:
    for path, text in files.items():
        running.write(path, text)
    function = running.function(code=running.folder / code, handler=handler)
    assert running.result(function) == expected


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message", "trace"),
    [
        (
            "import nowhere",
            "",
            "Runtime.ImportModuleError",
            "Unable to import module 'charge': No module named 'nowhere'",
            [],
        ),
        (
            "from json import nothing",
            "",
            "Runtime.ImportModuleError",
            "Unable to import module 'charge': cannot import name 'nothing' from 'json' ({stdlib}/json/__init__.py)",
            [],
        ),
        (
            "from . import utils",
            "",
            "Runtime.ImportModuleError",
            "Unable to import module 'charge': attempted relative import with no known parent package",
            [],
        ),
        (
            "def handler(:\n",
            "",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'charge': invalid syntax (charge.py, line 1)",
            ['  File "{folder}/charge.py" Line 1\n    def handler(:\n'],
        ),
        (
            "def pay(): ...",
            "charge.handler",
            "Runtime.HandlerNotFound",
            "Handler 'handler' missing on module 'charge'",
            [],
        ),
        (
            "def pay(): ...",
            "",
            "Runtime.HandlerNotFound",
            "Handler missing on module 'charge': none of handler, lambda_handler, handle in {folder}/charge.py",
            [],
        ),
        (
            "def handler(): ...",
            "handler",
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
            [],
        ),
        (
            "def handler(): ...",
            "sys.handler",
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
            [],
        ),
        (
            "def handler(): ...",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'app'",
            [],
        ),
        (
            "def handler(): ...",
            "other.py:handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other.py': no such file",
            [],
        ),
    ],
)
def test_handlers_that_cannot_be_loaded(
    running: Running, source: str, handler: str, error_type: str, message: str, trace: list[str]
) -> None:
    stdlib = Path(os.__file__).parent
    fill = {"folder": running.folder, "stdlib": stdlib}
    assert running.error(running.function(source, handler=handler)) == {
        "errorMessage": message.format(**fill),
        "errorType": error_type,
        "requestId": "",
        "stackTrace": [line.format(**fill) for line in trace],
    }


def test_a_folder_without_a_handler_says_where_it_looked(running: Running) -> None:
    running.write("orders/core.py", "def handler(event, context): ...")
    error = running.error(running.function(name="orders", code=running.folder / "orders"))
    assert error["errorType"] == "Runtime.HandlerNotFound"
    assert error["errorMessage"] == (
        f"No handler in {running.folder}/orders: looked for handler, lambda_handler, handle in "
        "app.py, handler.py, main.py, lambda_function.py, index.py, orders.py, __init__.py"
    )


def test_missing_code(running: Running) -> None:
    error = running.error(running.function(code=running.folder / "gone.py"))
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"].endswith("gone.py")


def test_the_log_of_a_failed_import_has_the_lines_that_aws_leaves_out(running: Running) -> None:
    running.write("utils.py", "import nowhere\n")
    outcome = running.run(running.function("import utils\n"))
    path = running.folder
    assert outcome.where == f"{path}/utils.py:1"
    assert (
        "[ERROR] Runtime.ImportModuleError: Unable to import module 'charge': No module named 'nowhere'\n"
        "Traceback (most recent call last):\n"
        f'\u00a0\u00a0File "{path}/charge.py", line 1, in <module>\n'
        "\u00a0\u00a0\u00a0\u00a0import utils\n"
        f'\u00a0\u00a0File "{path}/utils.py", line 1, in <module>\n'
        "\u00a0\u00a0\u00a0\u00a0import nowhere\n"
    ) in outcome.log


def test_an_exception_while_importing(running: Running) -> None:
    assert running.error(running.function("LIMIT = int('ten')\n")) == {
        "errorMessage": "invalid literal for int() with base 10: 'ten'",
        "errorType": "ValueError",
        "requestId": "",
        "stackTrace": [f"  File \"{running.folder}/charge.py\", line 1, in <module>\n    LIMIT = int('ten')\n"],
    }


def test_a_failed_import_is_tried_again(running: Running) -> None:
    function = running.function("import prices\ndef handler(event, context): return prices.VAT")
    assert running.error(function)["errorType"] == "Runtime.ImportModuleError"
    running.write("prices.py", "VAT = 19")
    assert running.result(function) == 19
