import json
import logging
import re

import pytest

from tests.runtime.running import Running
from tests.runtime.test_capture import lines

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def logged(running: Running, source: str) -> list[str]:
    """The log of one run, with times and request ids taken out."""
    text = [
        re.sub(STAMP + r"\t8f31c2aa[-0-9a-f]+", "WHEN WHO", line)
        for line in lines(running.run(running.function(source)).log)
    ]
    return [line.replace("\t", " ") for line in text]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("logging.warning('careful %s', 1)", ["[WARNING] WHEN WHO careful 1"]),
        ("logging.info('not shown')", []),
        ("logging.getLogger().setLevel('DEBUG'); logging.debug('shown')", ["[DEBUG] WHEN WHO shown"]),
        ("logging.getLogger('app').error('named')", ["[ERROR] WHEN WHO named"]),
        ("logging.basicConfig(level=logging.INFO); logging.info('AWS has a handler already')", []),
        (
            "logging.basicConfig(level=logging.INFO, force=True, format='%(message)s'); logging.info('forced')",
            ["forced"],
        ),
        (
            "logging.getLogger().handlers[0].setFormatter(logging.Formatter('%(aws_request_id)s %(message)s'));"
            "logging.error('mine')",
            ["8f31c2aa-0000-4000-8000-000000000001 mine"],
        ),
        (
            "import logging.config; logging.config.dictConfig({'version': 1}); logging.getLogger('x').warning('kept')",
            ["[WARNING] WHEN WHO kept"],
        ),
        (
            "from logging import config as c; c.dictConfig({'version': 1, 'root': {'level': 20}}); logging.info('x')",
            ["INFO:root:x"],
        ),
        (
            "import botocore.session; logging.getLogger('botocore').setLevel('DEBUG');"
            "botocore.session.log = logging.getLogger('botocore.session');"
            "logging.getLogger('botocore.session').debug('library')",
            ["[DEBUG] WHEN WHO library"],
        ),
    ],
)
def test_logging_as_aws_sets_it_up(running: Running, body: str, expected: list[str]) -> None:
    source = f"import logging\ndef handler(event, context): {body}"
    assert logged(running, source) == [line.replace("{file}", f"{running.folder}/charge.py") for line in expected]


def test_a_traceback_in_the_log(running: Running) -> None:
    source = (
        "import logging\ndef handler(event, context):\n    try: 1 / 0\n    except Exception: logging.exception('no')"
    )
    found = logged(running, source)
    assert found[0] == "[ERROR] WHEN WHO no"
    assert found[-1] == "ZeroDivisionError: division by zero"


def test_levels_and_handlers_are_the_functions_own(running: Running) -> None:
    source = """
        import logging, sys
        logger = logging.getLogger("shop")
        if CHATTY:
            logger.setLevel("INFO")
            logger.addHandler(logging.StreamHandler(sys.stdout))
            logger.propagate = False
        def handler(event, context):
            logger.info("hello")
            logger.warning("careful")
        """
    chatty = running.function(source.replace("CHATTY", "True"), name="chatty")
    quiet = running.function(source.replace("CHATTY", "False"), name="quiet")
    for _ in range(2):
        assert lines(running.run(chatty).log) == ["hello", "careful"]
        assert [line[:9] for line in lines(running.run(quiet).log)] == ["[WARNING]"]
    logger = logging.getLogger("shop")
    assert (logger.level, logger.handlers, logger.propagate) == (logging.NOTSET, [], True)
    running.executor.close()
    assert (logger.level, logger.handlers, logger.propagate) == (logging.NOTSET, [], True)
    assert not logger.isEnabledFor(logging.DEBUG)


def test_a_fresh_load_does_not_add_a_handler_twice(running: Running) -> None:
    source = """
        import logging, sys
        logging.getLogger("shop").addHandler(logging.StreamHandler(sys.stdout))
        def handler(event, context):
            logging.getLogger("shop").warning("once")
        """
    function = running.function(source)
    assert lines(running.run(function).log)[0] == "once"
    running.function(source + "\n")
    assert [line for line in lines(running.run(function).log) if line == "once"] == ["once"]


def test_the_hosts_logging_works_as_ever(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    function = running.function("import logging\ndef handler(event, context): logging.error('inside')")
    running.run(function)
    logging.getLogger("host").warning("outside")
    assert caplog.messages == ["outside"]


def test_threads_log_under_the_request_they_belong_to(running: Running) -> None:
    source = """
        import logging, threading
        def handler(event, context):
            thread = threading.Thread(target=logging.error, args=("from a thread",))
            thread.start()
            thread.join()
        """
    assert logged(running, source) == ["[ERROR] WHEN WHO from a thread"]


def test_a_log_of_records(running: Running) -> None:
    function = running.function(
        """
        import logging
        logging.getLogger().setLevel("INFO")
        def handler(event, context):
            logging.info("counted %d", 3, extra={"table": "orders"})
            raise ValueError("wrong")
        """,
        log_format="JSON",
    )
    start, info, error, report = map(json.loads, running.run(function).log.splitlines())
    assert (start["type"], report["type"]) == ("platform.start", "platform.report")
    assert (info["level"], info["message"], info["table"]) == ("INFO", "counted 3", "orders")
    assert (error["level"], error["errorType"], error["errorMessage"]) == ("ERROR", "ValueError", "wrong")
