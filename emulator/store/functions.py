"""Lambda functions: what is known of each, whoever made it (a file of the project, or the API)."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from emulator.arn import Arn


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One function.  `code` is the path of its .py file or folder, `handler` is empty when it is to be found,
    `timeout` in seconds, `retries` those of an asynchronous invocation, `max_event_age` in seconds,
    `real_aws` the AWS services that the handler may really call, `modified` in seconds since 1970.  `dead_letters`,
    `on_failure` and `on_success` are ARNs of where Lambda sends what came of an asynchronous invocation."""

    account: str
    region: str
    name: str
    code: str
    handler: str = ""
    runtime: str = "python3.13"
    description: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3
    memory_mb: int = 128
    retries: int = 2
    max_event_age: float = 21600
    real_aws: tuple[str, ...] = ()
    dead_letters: str = ""
    on_failure: str = ""
    on_success: str = ""
    role: str = ""
    modified: float = 0
    revision_id: str = ""

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"


_COLUMNS = (
    "account, region, name, code, handler, runtime, description, environment, timeout, memory_mb, retries,"
    " max_event_age, real_aws, dead_letters, on_failure, on_success, role, modified, revision_id"
)


class Functions:
    """The table functions.  Those that were looked for are remembered: every delivery to a function looks for it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._found: dict[tuple[str, str, str], FunctionRow] = {}

    def forget(self) -> None:
        """What is remembered is no longer true (a change was rolled back, or the tables were emptied)."""
        self._found.clear()

    def put(self, row: FunctionRow) -> None:
        """Insert, or replace the one of that name."""
        self.forget()
        self._db.execute(
            f"INSERT OR REPLACE INTO functions ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                row.account, row.region, row.name, row.code, row.handler, row.runtime, row.description,
                json.dumps(dict(row.environment)), row.timeout, row.memory_mb, row.retries, row.max_event_age,
                json.dumps(row.real_aws), row.dead_letters, row.on_failure, row.on_success,
                row.role, row.modified, row.revision_id,
            ),
        )  # fmt: skip

    def find(self, account: str, region: str, name: str) -> FunctionRow | None:
        key = (account, region, name)
        found = self._found.get(key)
        if found is None:
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM functions WHERE account = ? AND region = ? AND name = ?", key
            ).fetchone()
            if row is None:
                return None
            found = self._found[key] = _from(row)
        return found

    def all(self, account: str, region: str) -> list[FunctionRow]:
        """By name."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM functions WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [_from(row) for row in rows]

    def names(self) -> list[str]:
        """Of every account and region, each once."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT name FROM functions")]

    def remove(self, account: str, region: str, name: str) -> bool:
        """False when there was none."""
        self.forget()
        return bool(
            self._db.execute(
                "DELETE FROM functions WHERE account = ? AND region = ? AND name = ?", (account, region, name)
            ).rowcount
        )


@lru_cache(maxsize=10_000)
def named_in(arn: str) -> tuple[str, str, str] | None:
    """Account, region and name of the function in an ARN (`…:function:NAME`, with `:$LATEST` or without); None for what
    is no function's ARN, and for a version or an alias, of which there are none."""
    parsed = Arn.parse(arn)
    if parsed is None or parsed.service != "lambda":
        return None
    kind, *named = parsed.resource.split(":")
    if kind != "function" or not named or not named[0] or named[1:] not in ([], ["$LATEST"]):
        return None
    return parsed.account, parsed.region, named[0]


def _from(row: tuple) -> FunctionRow:  # type: ignore[type-arg]
    account, region, name, code, handler, runtime, description, environment, *rest = row
    timeout, memory_mb, retries, max_event_age, real_aws, dead, failure, success, role, modified, revision_id = rest
    return FunctionRow(
        account=account, region=region, name=name, code=code, handler=handler, runtime=runtime,
        description=description, environment=json.loads(environment), timeout=timeout, memory_mb=memory_mb,
        retries=retries, max_event_age=max_event_age, real_aws=tuple(json.loads(real_aws)),
        dead_letters=dead, on_failure=failure, on_success=success, role=role,
        modified=modified, revision_id=revision_id,
    )  # fmt: skip
