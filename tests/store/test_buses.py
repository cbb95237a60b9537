from dataclasses import replace

from emulator.store import Bus, BusKey, Store

ACCOUNT, REGION = "111111111111", "us-east-1"
BUS = Bus(
    ACCOUNT,
    REGION,
    "orders",
    created=1.0,
    modified=2.0,
    description="",
    kms_key="alias/x",
    dead_letter_config={"Arn": "arn:aws:sqs:us-east-1:111111111111:dead"},
    log_config={"Level": "INFO"},
    policy="{}",
)


def test_a_bus_comes_back_as_it_was_put(store: Store) -> None:
    store.buses.put(BUS)
    assert store.buses.find(BUS.key) == BUS
    changed = replace(BUS, description=None, log_config=None, policy=None, modified=3.0)
    store.buses.put(changed)
    assert store.buses.find(BUS.key) == changed


def test_accounts_and_regions_are_apart(store: Store) -> None:
    store.buses.put(BUS)
    assert store.buses.find(BusKey("222222222222", REGION, "orders")) is None
    assert store.buses.find(BusKey(ACCOUNT, "eu-west-1", "orders")) is None
    assert store.buses.all(ACCOUNT, "eu-west-1") == []


def test_the_default_bus_exists_without_a_row_and_gets_one_when_needed(store: Store) -> None:
    default = BusKey(ACCOUNT, REGION, "default")
    assert store.buses.exists(default)
    assert not store.buses.exists(BUS.key)
    assert store.buses.find(default) is None
    store.buses.ensure_default(ACCOUNT, REGION, 5.0)
    store.buses.ensure_default(ACCOUNT, REGION, 6.0)
    assert store.buses.find(default) == Bus(ACCOUNT, REGION, "default", created=5.0, modified=5.0)


def test_buses_are_listed_by_name(store: Store) -> None:
    for name in ("b", "a", "Z"):
        store.buses.put(replace(BUS, name=name))
    assert [bus.name for bus in store.buses.all(ACCOUNT, REGION)] == ["Z", "a", "b"]


def test_remove_says_whether_there_was_one(store: Store) -> None:
    store.buses.put(BUS)
    assert store.buses.remove(BUS.key)
    assert not store.buses.remove(BUS.key)


def test_arns() -> None:
    assert BUS.arn == "arn:aws:events:us-east-1:111111111111:event-bus/orders"


def test_places_of_a_name(store: Store) -> None:
    store.buses.put(BUS)
    store.buses.put(replace(BUS, region="eu-west-1"))
    store.buses.put(replace(BUS, name="other"))
    assert store.buses.places("orders") == [(ACCOUNT, "eu-west-1"), (ACCOUNT, REGION)]
