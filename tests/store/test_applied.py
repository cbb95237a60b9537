from emulator.store.applied import Made
from emulator.store.database import Store

RULE = Made("rule", "charge", "orders")
FUNCTION = Made("function", "charge")


def test_what_was_made_is_replaced_as_a_whole() -> None:
    store = Store()
    store.applied.replace("1", "r", [RULE, FUNCTION])
    store.applied.replace("2", "r", [RULE])
    store.applied.replace("1", "r", [FUNCTION])
    assert store.applied.of("1", "r") == {FUNCTION}
    assert store.applied.of("2", "r") == {RULE}
    assert store.applied.scopes() == {("1", "r"), ("2", "r")}


def test_reset_forgets_it() -> None:
    store = Store()
    store.applied.replace("1", "r", [RULE])
    store.reset()
    assert store.applied.scopes() == set()
