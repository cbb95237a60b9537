"""What is set about a function beside its code and configuration: records of several kinds, one of a kind for each
qualifier.

    policy         its permissions                         event_invoke   retries and destinations of asynchronous calls
    concurrency    reserved executions                     provisioned    executions that are kept ready
    url            its address on the web                  recursion, runtime, scaling

What is in a record belongs to the module that writes it; here it is a JSON object.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

Kind = Literal["policy", "concurrency", "provisioned", "event_invoke", "url", "recursion", "runtime", "scaling"]

K = TypeVar("K")
_REMEMBERED = 10_000


class SettingKey(NamedTuple):
    """Which record.  `qualifier` is empty for what is set about the function as a whole."""

    kind: Kind
    account: str
    region: str
    function: str
    qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One record; moments in seconds since 1970."""

    key: SettingKey
    members: Mapping[str, Any]
    created: float = field(default=0, compare=False)
    modified: float = field(default=0, compare=False)


_COLUMNS = "kind, account, region, function, qualifier, members, created, modified"
_ONE = "kind = ? AND account = ? AND region = ? AND function = ? AND qualifier = ?"


class Settings:
    """The table function_settings.  What was looked for is remembered: every invocation looks for some.

    `changes` grows with every change: who derives something from here compares it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._found: dict[SettingKey, Setting | None] = {}
        self._urls: dict[str, Setting | None] = {}
        self.changes = 0

    def forget(self) -> None:
        """What is remembered is no longer true (a change was rolled back, or the tables were emptied)."""
        self._found.clear()
        self._urls.clear()
        self.changes += 1

    def find(self, key: SettingKey) -> Setting | None:
        try:
            return self._found[key]
        except KeyError:
            row = self._db.execute(f"SELECT {_COLUMNS} FROM function_settings WHERE {_ONE}", key).fetchone()
            return self._remember(self._found, key, row)

    def url(self, url_id: str) -> Setting | None:
        """The record of kind url with this id, whichever function's."""
        try:
            return self._urls[url_id]
        except KeyError:
            row = self._db.execute(
                f"SELECT {_COLUMNS} FROM function_settings WHERE kind = 'url' AND json_extract(members, '$.UrlId') = ?",
                (url_id,),
            ).fetchone()
            return self._remember(self._urls, url_id, row)

    def of(self, kind: Kind, account: str, region: str, function: str) -> list[Setting]:
        """All of this kind of one function, by qualifier."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM function_settings WHERE kind = ? AND account = ? AND region = ? AND function = ?"
            " ORDER BY qualifier",
            (kind, account, region, function),
        )
        return [_from(row) for row in rows]

    def all(self, kind: Kind, account: str, region: str) -> list[Setting]:
        """All of this kind, by function and qualifier."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM function_settings WHERE kind = ? AND account = ? AND region = ?"
            " ORDER BY function, qualifier",
            (kind, account, region),
        )
        return [_from(row) for row in rows]

    def put(self, key: SettingKey, members: Mapping[str, Any], now: float) -> Setting:
        """Insert, or replace the one that is there."""
        self.forget()
        self._db.execute(
            f"INSERT INTO function_settings ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " members = excluded.members, modified = excluded.modified",
            (*key, json.dumps(members), now, now),
        )
        found = self.find(key)
        assert found is not None
        return found

    def remove(self, key: SettingKey) -> bool:
        """False when there was none."""
        self.forget()
        return bool(self._db.execute(f"DELETE FROM function_settings WHERE {_ONE}", key).rowcount)

    def remove_qualifier(self, account: str, region: str, function: str, qualifier: str) -> None:
        """A version or alias is gone.  Its URL works again when the alias is made again, and what becomes of its last
        asynchronous invocations is decided as it was set (recorded on AWS)."""
        self.forget()
        self._db.execute(
            "DELETE FROM function_settings"
            " WHERE account = ? AND region = ? AND function = ? AND qualifier = ?"
            " AND kind NOT IN ('url', 'event_invoke')",
            (account, region, function, qualifier),
        )

    def _remember(self, memory: dict[K, Setting | None], key: K, row: tuple[Any, ...] | None) -> Setting | None:
        if len(memory) >= _REMEMBERED:  # names come from outside: anybody may ask for any number of them
            memory.clear()
        found = memory[key] = None if row is None else _from(row)
        return found


def _from(row: tuple[Any, ...]) -> Setting:
    *key, members, created, modified = row
    return Setting(SettingKey(*key), json.loads(members), created, modified)
