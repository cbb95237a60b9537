from dataclasses import dataclass

import pytest

from emulator.errors import AwsError
from emulator.wire.paging import InvalidToken, page


@dataclass(frozen=True)
class Item:
    name: str


ITEMS = [Item(name) for name in ("a", "b", "c", "d", "e")]


def test_the_last_page_has_no_token() -> None:
    first, token = page(ITEMS, 2, None, "query")
    second, token_2 = page(ITEMS, 2, token, "query")
    third, token_3 = page(ITEMS, 2, token_2, "query")

    assert ([*first, *second, *third], token_3) == (ITEMS, None)


def test_a_page_that_ends_with_the_list_has_no_token() -> None:
    assert page(ITEMS, 5, None, "query") == (ITEMS, None)
    assert page([], None, None, "query") == ([], None)


def test_a_hundred_is_a_page_when_no_limit_is_named() -> None:
    shown, token = page([Item(f"{n:03}") for n in range(101)], None, None, "query")

    assert (len(shown), page(ITEMS, None, token, "query")) == (100, (ITEMS, None))


def test_a_token_works_again_and_with_another_limit() -> None:
    _, token = page(ITEMS, 1, None, "query")

    assert page(ITEMS, 1, token, "query")[0] == page(ITEMS, 1, token, "query")[0] == [Item("b")]
    assert page(ITEMS, 2, token, "query")[0] == [Item("b"), Item("c")]


def test_items_that_come_and_go_between_pages_shift_nothing() -> None:
    _, token = page(ITEMS, 2, None, "query")

    assert page([Item("b"), Item("bb"), Item("c")], 2, token, "query")[0] == [Item("bb"), Item("c")]


def test_items_are_told_apart_by_a_key() -> None:
    words = ["x1", "y2", "z3"]
    _, token = page(words, 1, None, "query", key=lambda word: word[1:])

    assert page(words, 1, token, "query", key=lambda word: word[1:])[0] == ["y2"]


def test_a_token_of_another_query_is_refused() -> None:
    _, token = page(ITEMS, 1, None, ("ListArchives", "a"))

    with pytest.raises(AwsError) as refusal:
        page(ITEMS, 1, token, ("ListArchives", "b"))

    assert refusal.value.code == "ValidationException"
    assert refusal.value.message == "Parameter NextToken is not valid. Reason: Token invalid."


@pytest.mark.parametrize("token", ["bogus", "", "é", "W10=", "MQ==", "e30="])
def test_a_token_that_is_none_of_ours_is_malformed(token: str) -> None:
    with pytest.raises(InvalidToken) as refusal:
        page(ITEMS, 1, token, "query")

    assert refusal.value.message == "Parameter NextToken is not valid. Reason: Malformed request."
