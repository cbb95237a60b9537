import sqlite3
from pathlib import Path

import pytest

from emulator.store import Bus, BusKey, StateTooNew, Store
from emulator.store.database import migrate

ORDERS = BusKey("111111111111", "us-east-1", "orders")


def bus(name: str = "orders") -> Bus:
    return Bus("111111111111", "us-east-1", name, created=1.5, modified=1.5)


def put_and_fail(store: Store) -> None:
    with store.transaction():
        with store.transaction():
            store.buses.put(bus())
        assert store.buses.find(ORDERS) is not None
        raise KeyError


def test_a_transaction_that_raises_leaves_nothing_and_an_inner_one_joins_it(store: Store) -> None:
    with pytest.raises(KeyError):
        put_and_fail(store)
    assert store.buses.find(ORDERS) is None
    with store.transaction(), store.transaction():
        store.buses.put(bus())
    assert store.buses.find(ORDERS) == bus()


def test_reset_forgets_everything(store: Store) -> None:
    store.buses.put(bus())
    store.tags.put("111111111111", "us-east-1", ORDERS.arn, {"team": "shop"})
    store.reset()
    assert store.buses.all("111111111111", "us-east-1") == []
    assert store.tags.of("111111111111", "us-east-1", ORDERS.arn) == {}


def test_a_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store(path)
    store.buses.put(bus())
    store.close()
    again = Store(path)
    assert again.buses.find(ORDERS) == bus()
    again.close()


def test_a_file_is_in_wal_mode(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (1,)
    store.close()


def test_a_file_from_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    with pytest.raises(StateTooNew, match=r"state\.db: written by a newer version"):
        Store(path)


def test_a_database_is_made_once() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    migrate(connection)  # would fail on "table already exists"
    assert connection.execute("PRAGMA user_version").fetchone()[0] >= 1
    connection.close()


def test_an_older_database_is_brought_up_step_by_step_and_keeps_its_rows(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE a (x);")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, folder=tmp_path)
    connection.execute("INSERT INTO a VALUES (1)")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0002_y.sql").write_text("ALTER TABLE a ADD y;")
    (tmp_path / "migrations" / "0003_z.sql").write_text("ALTER TABLE a ADD z DEFAULT 7; UPDATE a SET y = 5;")
    migrate(connection, folder=tmp_path)
    assert connection.execute("SELECT x, y, z FROM a").fetchall() == [(1, 5, 7)]
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    connection.close()


def test_a_new_database_needs_no_steps(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "schema.sql").write_text("CREATE TABLE a (x, y);")
    (tmp_path / "migrations" / "0002_y.sql").write_text("ALTER TABLE a ADD y;")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, folder=tmp_path)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()
