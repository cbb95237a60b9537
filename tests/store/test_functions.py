"""Functions, their versions and aliases in the store."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from emulator.store import Store
from emulator.store.aliases import AliasRow
from emulator.store.functions import FunctionRow, Layer, Named, named_in

CHARGE = FunctionRow(
    "1", "eu-1", "charge", "charge.py", environment={"TABLE": "ü"}, layers=(Layer("arn", "d1", 7),),
    real_aws=("sts",), settings={"VpcConfig": {"SubnetIds": []}}, revision_id="r",
)  # fmt: skip
KEY = CHARGE.key


@pytest.fixture
def functions(store: Store) -> Store:
    store.functions.put(CHARGE)
    for number in ("1", "2"):
        store.functions.put(replace(CHARGE, version=number, description=number))
    store.aliases.put(AliasRow(*KEY, "live", "1", weights={"2": 0.25}))
    return store


def test_a_row_comes_back_as_it_was_put(functions: Store) -> None:
    assert functions.functions.find(*KEY) == CHARGE
    assert functions.functions.find("1", "eu-1", "gone") is None


@pytest.mark.parametrize("environment", [None, {}])
def test_no_environment_is_not_an_empty_one(store: Store, environment: dict[str, str] | None) -> None:
    store.functions.put(replace(CHARGE, environment=environment))
    found = store.functions.find(*KEY)
    assert found is not None
    assert found.environment == environment


@pytest.mark.parametrize(
    ("qualifier", "dice", "version"),
    [
        ("$LATEST", lambda: 0.0, "$LATEST"),
        ("2", lambda: 0.0, "2"),
        ("live", None, "1"),
        ("live", lambda: 0.25, "1"),
        ("live", lambda: 0.249, "2"),
    ],
)
def test_a_qualifier_means_a_version(
    functions: Store, qualifier: str, dice: Callable[[], float] | None, version: str
) -> None:
    found = functions.functions.resolve(*KEY, qualifier, dice)
    assert found is not None
    assert found.version == version


@pytest.mark.parametrize("qualifier", ["3", "gone", "$LATEST.PUBLISHED"])
def test_a_qualifier_may_mean_nothing(functions: Store, qualifier: str) -> None:
    assert functions.functions.resolve(*KEY, qualifier) is None


@pytest.mark.parametrize(("share", "fallen", "version"), [(0.0, 0.0, "1"), (1.0, 0.999, "2")])
def test_all_or_nothing_are_shares_too(functions: Store, share: float, fallen: float, version: str) -> None:
    functions.aliases.put(AliasRow(*KEY, "live", "1", weights={"2": share}))
    found = functions.functions.resolve(*KEY, "live", lambda: fallen)
    assert found is not None
    assert found.version == version


def test_numbers_are_given_once(functions: Store) -> None:
    assert [functions.functions.next_version(*KEY) for _ in range(3)] == ["1", "2", "3"]
    assert functions.functions.last_published(*KEY) is None
    functions.functions.put(replace(CHARGE, version="3"))
    last = functions.functions.last_published(*KEY)
    assert last is not None
    assert last.version == "3"


def test_versions_are_in_the_order_of_their_numbers_after_latest(functions: Store) -> None:
    functions.functions.put(replace(CHARGE, version="10"))
    assert [row.version for row in functions.functions.versions(*KEY)] == ["$LATEST", "1", "2", "10"]
    assert [row.version for row in functions.functions.all("1", "eu-1")] == ["$LATEST"]
    assert len(functions.functions.every("1", "eu-1")) == 4


def test_all_that_belongs_to_a_function_goes_with_it(functions: Store) -> None:
    functions.tags.put("1", "eu-1", CHARGE.arn, {"a": "b"})
    assert functions.aliases.find(*KEY, "live") is not None
    assert functions.functions.remove(*KEY)
    assert not functions.functions.remove(*KEY)
    functions.functions.put(CHARGE)
    assert [row.version for row in functions.functions.versions(*KEY)] == ["$LATEST"]
    assert functions.aliases.find(*KEY, "live") is None
    assert functions.aliases.of(*KEY) == []
    assert functions.tags.of("1", "eu-1", CHARGE.arn) == {}
    assert functions.functions.next_version(*KEY) == "1"


def test_a_change_of_latest_leaves_the_versions(functions: Store) -> None:
    functions.functions.put(replace(CHARGE, description="new"))
    assert len(functions.functions.versions(*KEY)) == 3
    assert functions.aliases.find(*KEY, "live") is not None


def test_a_change_that_was_undone_is_not_remembered(functions: Store) -> None:
    def change() -> None:
        with functions.transaction():
            functions.aliases.put(AliasRow(*KEY, "live", "2"))
            assert functions.functions.resolve(*KEY, "live") is not None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    alias = functions.aliases.find(*KEY, "live")
    assert alias is not None
    assert alias.version == "1"


@pytest.mark.parametrize(
    ("arn", "named"),
    [
        ("arn:aws:lambda:eu-1:1:function:charge", Named("1", "eu-1", "charge", "$LATEST")),
        ("arn:aws:lambda:eu-1:1:function:charge:live", Named("1", "eu-1", "charge", "live")),
        ("arn:aws:lambda:eu-1:1:function:charge:live:2", None),
        ("arn:aws:lambda:eu-1:1:function:", None),
        ("arn:aws:lambda:eu-1:1:layer:charge", None),
        ("arn:aws:sqs:eu-1:1:charge", None),
        ("charge", None),
    ],
)
def test_what_an_arn_names(arn: str, named: Named | None) -> None:
    assert named_in(arn) == named
