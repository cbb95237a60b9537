import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from emulator.store import Bus, BusKey, StateRefused, StateTaken, StateTooNew, Store
from emulator.store.database import migrate
from emulator.store.deliveries import Received

ORDERS = BusKey("111111111111", "us-east-1", "orders")


def bus(name: str = "orders") -> Bus:
    return Bus("111111111111", "us-east-1", name, created=1.5, modified=1.5)


def received(store: Store) -> Received:
    number = store.deliveries.new_received()
    return Received(number, "111111111111", "us-east-1", "orders", f"event-{number}", "{}" * 50, 1.5, "unmatched", None)


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


def test_bytes_that_are_no_text_harm_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store(path)
    store.deliveries.add([received(store), received(store)], [])
    store._connection.execute("UPDATE received SET envelope = CAST(x'7bff7d' AS TEXT) WHERE id = 1")
    store.close()
    again = Store(path)
    assert [way.envelope[:3] for way in again.journal.recent(9)] == ["{}{", "{\ufffd}"]
    again.close()


def test_a_file_is_in_wal_mode(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (1,)
    store.close()


def test_what_was_made_is_kept_when_only_the_rest_is_forgotten(store: Store) -> None:
    store.buses.put(bus())
    store.tags.put("111111111111", "us-east-1", ORDERS.arn, {"team": "shop"})
    store.deliveries.add([received(store)], [])
    store.reset(keep_rules=True)
    assert store.buses.find(ORDERS) == bus()
    assert store.tags.of("111111111111", "us-east-1", ORDERS.arn) == {"team": "shop"}
    assert store.deliveries.received() == 0


def test_a_number_is_not_used_twice_when_its_row_was_forgotten(store: Store) -> None:
    before = store.deliveries.new_received(), store.deliveries.new_delivery()
    store.reset()
    assert store.deliveries.new_received() > before[0]
    assert store.deliveries.new_delivery() > before[1]


def test_a_commit_that_fails_leaves_nothing_open() -> None:
    store = Store()
    with pytest.raises(sqlite3.IntegrityError), store.transaction():  # noqa: PT012
        store._connection.execute("PRAGMA defer_foreign_keys = ON")
        store._connection.execute(
            "INSERT INTO rules (account, region, bus, name, state, created_by) VALUES ('1', 'r', 'none', 'n', '', '')"
        )
    with store.transaction():
        store.buses.put(bus())
    assert store.buses.find(ORDERS) == bus()
    store.close()


def test_a_file_belongs_to_one_store_at_a_time(tmp_path: Path) -> None:
    first = Store(tmp_path / "state.db")
    with pytest.raises(StateTaken, match=rf"state\.db: in use by process {os.getpid()}\. Stop that one"):
        Store(tmp_path / "state.db")
    first.close()
    Store(tmp_path / "state.db").close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]


def text(path: Path) -> None:
    path.write_text("my only copy of something else, long enough to be mistaken for a database" * 50)


def text_with_a_head(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"and then something else" * 500)


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE contacts (name)")


def newer(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")


def between_releases(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE received DROP COLUMN verdict")


def with_a_bad_page(path: Path) -> None:
    store = Store(path)
    store.deliveries.add([received(store) for _ in range(500)], [])
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 8192 * 4096
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)


def cut_off(path: Path) -> None:
    with_a_bad_page(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("make", "refused", "message"),
    [
        (text, StateRefused, "not a SQLite database, and left as it is. Name another file."),
        (text_with_a_head, StateRefused, "not a SQLite database, and left as it is. Name another file."),
        (of_another_program, StateRefused, "a database of another program, which is left as it is."),
        (newer, StateTooNew, "written by a newer version (schema 9999, this one knows 1). Use that version"),
        (between_releases, StateRefused, "between two releases: it has no received.verdict."),
        (with_a_bad_page, StateRefused, "damaged, and left as it is ("),
        (cut_off, StateRefused, "damaged, and left as it is ("),
        (Path.mkdir, StateRefused, "Name another file"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(
    make: Callable[[Path], None], refused: type[Exception], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(refused) as caught:
        Store(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert before is None or path.read_bytes() == before
    assert [left.name for left in tmp_path.iterdir()] == ["state.db"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateRefused, match=r"cannot be written \(No such file or directory\)"):
        Store(tmp_path / "nowhere" / "state.db")


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
