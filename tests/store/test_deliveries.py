"""The record of the way of an event: what is kept, and for how long."""

from pathlib import Path

from emulator.store.database import Store
from emulator.store.deliveries import DELIVERED, PENDING, Attempt, Delivery, Received, Settled


def received(store: Store, event_id: str) -> Received:
    return Received(store.deliveries.new_received(), "0", "r", "bus", event_id, "{}", 0.0, "matched", None)


def delivery(store: Store, event: int | None, due: float = 0.0) -> Delivery:
    number = store.deliveries.new_delivery()
    return Delivery(
        number, event, "0", "r", "bus", "e", "rule", "1", "arn", "{}", None, None, f"q{number}", 0, 0.0, due
    )


def attempt(number: int | None) -> Attempt:
    return Attempt(number, "0", "r", "arn", 1, "q", 0.0, 1.0, "success", None, None, b"1", "log")


def deliver(store: Store, event_id: str, *, finish: bool = True) -> None:
    event = received(store, event_id)
    own = delivery(store, event.id)
    with store.transaction():
        store.deliveries.add([event], [own])
        state = DELIVERED if finish else PENDING
        store.deliveries.settle([Settled(own.id, state, 1, 60.0)], [attempt(own.id)])


def test_the_newest_events_stay_with_all_that_belongs_to_them_and_old_ones_go() -> None:
    store = Store(keep_events=10)
    for number in range(100):
        deliver(store, f"e{number:02}")
        store.deliveries.trim()
    kept = store.journal.recent(1000)
    assert [way.event_id for way in kept] == [f"e{number:02}" for number in range(99, 89, -1)]
    assert all(len(way.deliveries[0].attempts) == 1 for way in kept)


def test_what_is_unfinished_is_never_dropped() -> None:
    store = Store(keep_events=10)
    deliver(store, "waiting", finish=False)
    for number in range(100):
        deliver(store, f"e{number}")
        store.deliveries.trim()
    [way] = store.journal.ways("waiting")
    assert (way.deliveries[0].state, len(way.deliveries[0].attempts)) == (PENDING, 1)
    assert store.deliveries.unfinished() == 1


def test_events_that_nothing_came_of_and_direct_invocations_are_bounded_too() -> None:
    store = Store(keep_events=100)
    for number in range(5_000):
        with store.transaction():
            store.deliveries.add([received(store, f"e{number}")], [])
            store.deliveries.record([attempt(None)])
    assert 100 <= len(store.journal.recent(10_000)) <= 2_100


def test_a_restart_goes_on_with_greater_numbers(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    first = Store(path)
    deliver(first, "one")
    first.close()
    again = Store(path)
    deliver(again, "two")
    assert {way.event_id for way in again.journal.recent(10)} == {"one", "two"}
    again.close()


def test_what_is_due_is_read_in_order_and_only_once_finished_no_more() -> None:
    store = Store()
    rows = [delivery(store, None, due) for due in (5.0, 50.0, 1.0)]
    store.deliveries.add([], rows)
    assert store.deliveries.pending("arn", 0, 10.0, 10) == [rows[0], rows[2]]
    assert store.deliveries.pending("arn", rows[0].id, 10.0, 10) == [rows[2]]
    assert store.deliveries.later(10.0) == [(50.0, rows[1].id)]
    store.deliveries.settle([Settled(rows[0].id, DELIVERED, 1, 0.0)], [])
    assert store.deliveries.get([rows[0].id, rows[1].id]) == [rows[1]]


def test_results_and_logs_are_bounded_in_bytes() -> None:
    store = Store()
    log = "x" * 1_000_000
    for _ in range(600):
        with store.transaction():
            store.deliveries.record([attempt(None)._replace(log=log)])
    [(kept,)] = store._connection.execute("SELECT sum(length(log)) FROM attempts").fetchall()
    assert 250e6 < kept < 300e6
