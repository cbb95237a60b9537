"""A journal that is emptied is put aside at once and dropped later; nothing of it is ever seen again."""

import asyncio
from pathlib import Path

import pytest

from emulator.app import Emulator
from emulator.store.database import Store
from emulator.store.deliveries import DELIVERED, Attempt, Delivery, Received, Settled

MANY = 600


def written(store: Store, count: int = MANY) -> None:
    """So many events that were delivered, and one that was not."""
    with store.transaction():
        for number in range(count + 1):
            received, delivery = store.deliveries.new_received(), store.deliveries.new_delivery()
            event = f"e{received}"
            came = Received(received, "0", "r", "b", event, "{}", 0.0, "matched", None, "rule")
            made = Delivery(
                delivery, received, "0", "r", "b", event, "rule", "1", "arn", "{}", None, None, "q", 0, 0.0, 0.0
            )  # fmt: skip
            store.deliveries.add([came], [made])
            if number < count:
                attempt = Attempt(delivery, "0", "r", "arn", 1, "q", 0.0, 0.0, "success", None, None, b"", "")
                store.deliveries.settle([Settled(delivery, DELIVERED, 1, 0.0)], [attempt])


def counts(store: Store) -> tuple[int, int, int]:
    return store.deliveries.received(), store.deliveries.unfinished(), len(store.journal.recent(10_000))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Store(":memory:" if request.param == "memory" else tmp_path / "state.db")


def test_it_is_empty_at_once_and_numbers_go_on(store: Store) -> None:
    written(store)
    before = store.deliveries.new_received()
    assert counts(store) == (MANY + 1, 1, MANY + 1)
    store.reset(keep_rules=True)
    assert counts(store) == (0, 0, 0)
    assert len(store.waste.tables()) == 3
    written(store, 3)
    assert counts(store) == (4, 1, 4)
    assert store.journal.newest() > before
    store.reset()
    assert counts(store) == (0, 0, 0)
    while store.waste.clear_one():
        pass
    assert store.waste.tables() == []


def test_a_few_rows_are_deleted_where_they_are(store: Store) -> None:
    written(store, 5)
    store.reset(keep_rules=True)
    assert (counts(store), store.waste.tables()) == ((0, 0, 0), [])


def test_what_is_rolled_back_was_never_put_aside(store: Store) -> None:
    written(store)

    def fails() -> None:
        with store.transaction():
            store.reset()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (counts(store), store.waste.tables()) == ((MANY + 1, 1, MANY + 1), [])


def test_after_a_crash_the_next_start_drops_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    written(store)
    store.reset()
    store.close()  # nobody has cleared it
    again = Store(tmp_path / "state.db")
    assert (counts(again), again.waste.tables()) == ((0, 0, 0), [])
    again.close()


def test_it_is_no_part_of_a_snapshot(store: Store, tmp_path: Path) -> None:
    written(store)
    store.reset()
    written(store, 2)
    store.copy_to(tmp_path / "snapshot.db")
    other = Store()
    other.replace_from(tmp_path / "snapshot.db")
    assert (counts(other), other.waste.tables()) == ((3, 1, 3), [])


def test_a_running_emulator_drops_it_by_itself() -> None:
    async def scenario() -> None:
        emulator = Emulator()
        await emulator.start()
        written(emulator.store)
        emulator.reset()
        assert emulator.store.waste.tables()
        while emulator.store.waste.tables():
            await asyncio.sleep(0.001)
        emulator.reset()
        await emulator.stop(0)

    asyncio.run(scenario())
