"""Python's log when its format is JSON: one object a line (awslambdaric 4.2.2, lambda_runtime_log_utils.py)."""

import json
import logging
import time
import traceback
from typing import Any

JSON = "JSON"
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id", "tenant_id"}
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class JsonFormatter(logging.Formatter):
    """What the record has beside its standard attributes is put in as it is."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return time.strftime(datefmt or _STAMP, time.gmtime(record.created))

    def format(self, record: logging.LogRecord) -> str:
        kind, error, trace = record.exc_info or (None, None, None)
        found: dict[str, Any] = {
            "timestamp": self.formatTime(record, _STAMP),
            "level": logging.getLevelName(min(50, max(0, record.levelno)) // 10 * 10),
            "message": record.msg if isinstance(record.msg, dict) and not record.args else record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(trace) if kind is not None else None,
            "errorType": kind.__name__ if kind is not None else None,
            "errorMessage": str(error) if kind is not None else None,
            "requestId": getattr(record, "aws_request_id", None),
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}" if kind is not None else None,
            "tenantId": getattr(record, "tenant_id", None),
        }
        more = {name: value for name, value in vars(record).items() if name not in _PLAIN and name not in found}
        return _encode({name: value for name, value in {**found, **more}.items() if value is not None}) + "\n"


def error_entry(payload: bytes) -> str:
    """The entry of an error that the handler did not catch; `payload` is the error object."""
    stamp = time.strftime(_STAMP, time.gmtime())
    return _encode({"timestamp": stamp, "level": "ERROR", **json.loads(payload)}) + "\n"
