"""Lambda functions and their versions: what is known of each, whoever made it (a file of the project, or the API).

A function has one version at least, `$LATEST`; a published one is a copy of it that does not change any more.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, NamedTuple

from emulator.arn import Arn
from emulator.store.aliases import Aliases
from emulator.store.settings import Settings

LATEST = "$LATEST"


class Layer(NamedTuple):
    """A layer's version as a function has it, also when the layer is gone: its ARN, and its zip with its size."""

    arn: str
    archive: str
    size: int


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """One version of a function.  `code` is the path of a .py file or a folder; where it is empty, `archive` is the
    digest of a zip.  `handler` may be empty (it is found then), `timeout` is in seconds, `real_aws` names the AWS
    services that the handler may really call, `modified` is in seconds since 1970.  `dead_letters` is the ARN of where
    Lambda sends the event of an asynchronous invocation that failed.  `settings` is what is recorded and shown, and has
    no effect; by AWS's names of the members."""

    account: str
    region: str
    name: str
    code: str = ""
    handler: str = ""
    version: str = LATEST
    archive: str = ""
    code_sha256: str = ""
    code_size: int = 0
    runtime: str = "python3.13"
    executor: str = ""
    description: str = ""
    environment: Mapping[str, str] | None = None
    timeout: float = 3
    memory_mb: int = 128
    storage_mb: int = 512
    layers: tuple[Layer, ...] = ()
    real_aws: tuple[str, ...] = ()
    dead_letters: str = ""
    role: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    state: str = "Active"
    last_update: str = "Successful"
    modified: float = 0
    revision_id: str = ""
    content: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """That of the function."""
        return self.account, self.region, self.name

    @property
    def logging(self) -> Mapping[str, str]:
        """LoggingConfig as far as it was given."""
        found: Mapping[str, str] = self.settings.get("LoggingConfig", {})
        return found

    @property
    def arn(self) -> str:
        """That of the function, without its version."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"


_FIELDS = tuple(each.name for each in fields(FunctionRow))
_COLUMNS = ", ".join("function" if name == "name" else name for name in _FIELDS)
_PLACES = ", ".join("?" * len(_FIELDS))
_OF = "account = ? AND region = ? AND function = ?"
_JSON = ("environment", "layers", "real_aws", "settings")


class Functions:
    """The tables functions and versions.  Those that were looked for are remembered: every delivery to a function
    looks for it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.settings = Settings(connection)
        self.aliases = Aliases(connection, self.settings)
        self._found: dict[tuple[str, str, str, str], FunctionRow] = {}

    def forget(self) -> None:
        """What is remembered is no longer true (a change was rolled back, or the tables were emptied)."""
        self._found.clear()
        self.aliases.forget()
        self.settings.forget()

    def put(self, row: FunctionRow) -> None:
        """Insert, or replace the version of that name; the function is made if it is not there."""
        self.forget()
        self._db.execute("INSERT OR IGNORE INTO functions (account, region, name) VALUES (?,?,?)", row.key)
        values = {name: getattr(row, name) for name in _FIELDS}
        values |= {name: None if values[name] is None else _written(values[name]) for name in _JSON}
        self._db.execute(f"INSERT OR REPLACE INTO versions ({_COLUMNS}) VALUES ({_PLACES})", tuple(values.values()))

    def find(self, account: str, region: str, name: str, version: str = LATEST) -> FunctionRow | None:
        key = (account, region, name, version)
        found = self._found.get(key)
        if found is None:
            row = self._db.execute(f"SELECT {_COLUMNS} FROM versions WHERE {_OF} AND version = ?", key).fetchone()
            if row is None:
                return None
            found = self._found[key] = _from(row)
        return found

    def resolve(
        self, account: str, region: str, name: str, qualifier: str = LATEST, dice: Callable[[], float] | None = None
    ) -> FunctionRow | None:
        """The version that a qualifier (`$LATEST`, a number, an alias) means.  Of an alias that divides invocations the
        one that the `dice` choose (0 up to 1); without dice the primary one."""
        if qualifier == LATEST or qualifier.isdecimal():
            return self.find(account, region, name, qualifier)
        alias = self.aliases.find(account, region, name, qualifier)
        return None if alias is None else self.find(account, region, name, alias.chosen(dice))

    def all(self, account: str, region: str) -> list[FunctionRow]:
        """`$LATEST` of each, by name."""
        return self._select("account = ? AND region = ? AND version = ?", (account, region, LATEST))

    def every(self, account: str, region: str) -> list[FunctionRow]:
        """Every version of every function; by name, `$LATEST` first."""
        return self._select("account = ? AND region = ?", (account, region))

    def versions(self, account: str, region: str, name: str) -> list[FunctionRow]:
        """Those of one function, `$LATEST` first."""
        return self._select(_OF, (account, region, name))

    def next_version(self, account: str, region: str, name: str) -> str:
        """The number of the next version to be published; each is given once."""
        row = self._db.execute(
            "UPDATE functions SET last_version = last_version + 1 WHERE account = ? AND region = ? AND name = ?"
            " RETURNING last_version",
            (account, region, name),
        ).fetchone()
        return str(row[0])

    def last_published(self, account: str, region: str, name: str) -> FunctionRow | None:
        """The version with the number that was given last; None when there was none, or it is gone."""
        row = self._db.execute(
            "SELECT last_version FROM functions WHERE account = ? AND region = ? AND name = ?", (account, region, name)
        ).fetchone()
        return None if row is None else self.find(account, region, name, str(row[0]))

    def unsettled(self) -> list[FunctionRow]:
        """Those that are being made or changed."""
        return self._select("state = 'Pending' OR last_update = 'InProgress'", ())

    def names(self) -> list[str]:
        """Of every account and region, each once."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT name FROM functions")]

    def remove(self, account: str, region: str, name: str) -> bool:
        """With its versions, tags and all that belongs to it; False when there was none."""
        self.forget()
        arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
        self._db.execute("DELETE FROM tags WHERE account = ? AND region = ? AND arn = ?", (account, region, arn))
        return bool(
            self._db.execute(
                "DELETE FROM functions WHERE account = ? AND region = ? AND name = ?", (account, region, name)
            ).rowcount
        )

    def remove_version(self, row: FunctionRow) -> None:
        self.forget()
        self.settings.remove_qualifier(*row.key, row.version)
        self._db.execute(f"DELETE FROM versions WHERE {_OF} AND version = ?", (*row.key, row.version))

    def code_signing(self, account: str, region: str, name: str) -> str:
        """ARN of the function's code signing configuration, or an empty text."""
        row = self._db.execute(
            "SELECT code_signing FROM functions WHERE account = ? AND region = ? AND name = ?", (account, region, name)
        ).fetchone()
        return "" if row is None else str(row[0])

    def sign_with(self, account: str, region: str, name: str, arn: str) -> None:
        """Give it this code signing configuration; an empty text takes it away."""
        self._db.execute(
            "UPDATE functions SET code_signing = ? WHERE account = ? AND region = ? AND name = ?",
            (arn, account, region, name),
        )

    def signed_with(self, account: str, region: str, arn: str) -> list[str]:
        """Names of the functions with this code signing configuration, sorted."""
        rows = self._db.execute(
            "SELECT name FROM functions WHERE account = ? AND region = ? AND code_signing = ? ORDER BY name",
            (account, region, arn),
        )
        return [name for (name,) in rows]

    def _select(self, where: str, values: tuple[str, ...]) -> list[FunctionRow]:
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM versions WHERE {where}"
            " ORDER BY account, region, function, version <> '$LATEST', CAST(version AS INTEGER)",
            values,
        )
        return [_from(row) for row in rows]


class Named(NamedTuple):
    """A function as an ARN names it; `qualifier` is `$LATEST` where it has none."""

    account: str
    region: str
    name: str
    qualifier: str = LATEST

    @property
    def arn(self) -> str:
        """Qualified in any case."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}:{self.qualifier}"


@lru_cache(maxsize=10_000)
def named_in(arn: str) -> Named | None:
    """What the ARN `…:function:NAME` or `…:function:NAME:QUALIFIER` names, whether it is there or not; None for what
    is no function's ARN."""
    parsed = Arn.parse(arn)
    if parsed is None or parsed.service != "lambda":
        return None
    kind, *named = parsed.resource.split(":")
    if kind != "function" or not 1 <= len(named) <= 2 or not all(named):
        return None
    return Named(parsed.account, parsed.region, *named)


def _written(value: Any) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False)


def _from(row: tuple) -> FunctionRow:  # type: ignore[type-arg]
    values = dict(zip(_FIELDS, row, strict=True))
    values |= {name: None if values[name] is None else json.loads(values[name]) for name in _JSON}
    values["layers"] = tuple(Layer(*layer) for layer in values["layers"])
    values["real_aws"] = tuple(values["real_aws"])
    return FunctionRow(**values)
