from emulator.store import Store

RESOURCE = ("111111111111", "us-east-1", "arn:aws:events:us-east-1:111111111111:rule/paid")


def test_tags_keep_the_order_in_which_they_were_put(store: Store) -> None:
    tags = store.tags
    tags.put(*RESOURCE, {"z": "1", "a": "2"})
    tags.put(*RESOURCE, {"b": "3", "z": "4"})
    assert list(tags.of(*RESOURCE).items()) == [("z", "4"), ("a", "2"), ("b", "3")]


def test_tags_are_taken_away_by_key_or_all(store: Store) -> None:
    tags = store.tags
    tags.put(*RESOURCE, {"z": "1", "a": "2", "b": "3"})
    tags.remove(*RESOURCE, ["absent", "a"])
    assert tags.of(*RESOURCE) == {"z": "1", "b": "3"}
    tags.clear(*RESOURCE)
    assert tags.of(*RESOURCE) == {}
