"""Snapshots: the state under a name, saved and put back whole, and only where they belong."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from emulator.store import Bus, BusKey, StateRefused, Store
from emulator.store.deliveries import Received
from emulator.store.snapshots import BadName, NoSnapshot, Snapshots

ORDERS = BusKey("111111111111", "us-east-1", "orders")
BUS = Bus(*("111111111111", "us-east-1", "orders"), created=1.5, modified=1.5)


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "snapshots")


def received(store: Store) -> Received:
    number = store.deliveries.new_received()
    return Received(number, "111111111111", "us-east-1", "orders", f"event-{number}", "{}", 1.5, "unmatched", None)


@pytest.mark.parametrize("state", [":memory:", "state.db"])
def test_what_was_saved_comes_back_and_what_came_since_is_gone(
    state: str, snapshots: Snapshots, tmp_path: Path
) -> None:
    with closing(Store(state if state == ":memory:" else tmp_path / state)) as store:
        store.buses.put(BUS)
        store.deliveries.add([received(store)], [])
        saved = snapshots.save("seeded", store)
        assert (saved.name, saved.size) == ("seeded", saved.path.stat().st_size)
        store.buses.remove(ORDERS)
        store.deliveries.add([received(store), received(store)], [])
        assert store.buses.find(ORDERS) is None
        snapshots.load("seeded", store)
        assert store.buses.find(ORDERS) == BUS
        assert [way.event_id for way in store.journal.recent(10)] == ["event-1"]
        assert store.deliveries.new_received() == 4  # and not 2 again


def test_a_file_keeps_what_was_loaded(snapshots: Snapshots, tmp_path: Path) -> None:
    with closing(Store()) as memory:
        memory.buses.put(BUS)
        snapshots.save("seeded", memory)
    with closing(Store(tmp_path / "state.db")) as store:
        snapshots.load("seeded", store)
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with closing(Store(tmp_path / "state.db")) as store:
        assert store.buses.find(ORDERS) == BUS


def test_a_snapshot_is_a_state_file_and_one_file(snapshots: Snapshots, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "state.db")) as store:
        store.buses.put(BUS)
        saved = snapshots.save("seeded", store)
    assert [path.name for path in snapshots.folder.iterdir()] == ["seeded.db"]
    with closing(Store(saved.path)) as again:
        assert again.buses.find(ORDERS) == BUS


def test_they_are_listed_by_name_replaced_and_deleted(snapshots: Snapshots, store: Store) -> None:
    assert snapshots.all() == []
    for name in ("b", "v1.2_x-3", "b"):
        snapshots.save(name, store)
    (snapshots.folder / "notes.txt").write_text("mine")
    assert [snapshot.name for snapshot in snapshots.all()] == ["b", "v1.2_x-3"]
    snapshots.delete("b")
    assert [snapshot.name for snapshot in snapshots.all()] == ["v1.2_x-3"]
    with pytest.raises(NoSnapshot, match=r"no snapshot 'b' in .*; there is: v1\.2_x-3\."):
        snapshots.delete("b")
    with pytest.raises(NoSnapshot):
        snapshots.load("b", store)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\\b", ".hidden", "-x", "a\n", "a\0", "ä", "a b", "x" * 65]
)
def test_no_name_leads_out_of_the_folder(name: str, snapshots: Snapshots, store: Store) -> None:
    for act in (snapshots.save, snapshots.load):
        with pytest.raises(BadName, match="is no name for a snapshot"):
            act(name, store)
    with pytest.raises(BadName):
        snapshots.delete(name)
    assert not snapshots.folder.exists()


def _text(path: Path) -> None:
    path.write_text("something else")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")


def _of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE contacts (name)")


@pytest.mark.parametrize("spoil", [_text, _newer, _of_another_program])
def test_a_snapshot_that_cannot_be_used_changes_nothing(
    spoil: Callable[[Path], None], snapshots: Snapshots, store: Store
) -> None:
    spoil(snapshots.save("broken", store).path)
    store.buses.put(BUS)
    with pytest.raises(StateRefused, match=r"broken\.db: "):
        snapshots.load("broken", store)
    assert store.buses.find(ORDERS) == BUS


def test_a_save_that_fails_leaves_the_older_snapshot(snapshots: Snapshots, store: Store) -> None:
    older = snapshots.save("seeded", store).path.read_bytes()
    (snapshots.folder / "seeded.tmp").mkdir()  # in the way of the draft
    with pytest.raises(OSError, match=r"seeded\.tmp"):
        snapshots.save("seeded", store)
    assert (snapshots.folder / "seeded.db").read_bytes() == older
