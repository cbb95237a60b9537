from dataclasses import replace

import pytest

from emulator.store import Bus, BusKey, Rule, Store, Target

ACCOUNT, REGION = "111111111111", "us-east-1"
BUS = BusKey(ACCOUNT, REGION, "orders")
RULE = Rule(
    ACCOUNT, REGION, "orders", "paid", state="ENABLED", created_by=ACCOUNT, pattern="{}", schedule="", anchored=7.0
)


@pytest.fixture(autouse=True)
def _bus(store: Store) -> None:
    store.buses.put(Bus(ACCOUNT, REGION, "orders", created=0, modified=0))


def target(id: str, arn: str = "arn:x", rule: str = "paid") -> Target:
    return Target(rule, id, arn, {"Id": id, "Arn": arn})


def test_a_rule_comes_back_as_it_was_put(store: Store) -> None:
    store.rules.put(RULE)
    assert store.rules.find(BUS, "paid") == RULE
    changed = replace(RULE, state="DISABLED", pattern=None, anchored=None)
    store.rules.put(changed)
    assert store.rules.find(BUS, "paid") == changed


def test_targets_survive_an_update_of_their_rule_and_go_with_it(store: Store) -> None:
    store.rules.put(RULE)
    store.rules.put_targets(BUS, [target("b"), target("a")])
    store.rules.put(replace(RULE, description="changed"))
    assert [t.id for t in store.rules.targets(BUS, "paid")] == ["a", "b"]
    assert store.rules.remove(BUS, "paid")
    assert store.rules.targets(BUS, "paid") == []
    assert not store.rules.remove(BUS, "paid")


def test_a_target_of_the_same_id_is_replaced(store: Store) -> None:
    store.rules.put(RULE)
    store.rules.put_targets(BUS, [Target("paid", "a", "arn:x", {"Id": "a", "Arn": "arn:x", "Input": "1"})])
    store.rules.put_targets(BUS, [target("a", "arn:y")])
    assert store.rules.targets(BUS, "paid") == [target("a", "arn:y")]
    store.rules.remove_targets(BUS, "paid", ["unknown", "a"])
    assert store.rules.targets(BUS, "paid") == []


def test_rules_by_target_are_sorted_and_named_once(store: Store) -> None:
    for name in ("zeta", "beta"):
        store.rules.put(replace(RULE, name=name))
        store.rules.put_targets(BUS, [target("1", rule=name), target("2", rule=name), target("3", "arn:y", name)])
    assert store.rules.names_by_target(BUS, "arn:x") == ["beta", "zeta"]
    assert store.rules.names_by_target(BUS, "arn:z") == []


def test_only_running_schedules_are_scheduled(store: Store) -> None:
    store.rules.put(RULE)
    store.rules.put(replace(RULE, name="idle", anchored=None))
    assert store.rules.scheduled() == [RULE]


def test_rules_of_a_bus_are_listed_by_name(store: Store) -> None:
    assert not store.rules.any(BUS)
    for name in ("b", "a"):
        store.rules.put(replace(RULE, name=name))
    assert [rule.name for rule in store.rules.of(BUS)] == ["a", "b"]
    assert store.rules.any(BUS)


def test_arns() -> None:
    assert RULE.arn == "arn:aws:events:us-east-1:111111111111:rule/orders/paid"
    assert replace(RULE, bus="default").arn == "arn:aws:events:us-east-1:111111111111:rule/paid"
