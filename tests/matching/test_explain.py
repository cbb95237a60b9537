"""Why an event does not match: the drawing of the terminal, the data, and the hints."""

import json
from typing import Any

import pytest

from emulator.matching import Explanation, Pattern, compile_pattern, explain, parse_event
from tests.matching.patterns import compiled


def explained(event: Any, *contents: Any) -> Explanation:
    rules: list[tuple[str, Pattern]] = [(f"rule-{number}", compiled(one)) for number, one in enumerate(contents, 1)]
    return explain(parse_event(event if isinstance(event, str) else json.dumps(event)), rules)


def test_the_drawing() -> None:
    rules = [("charge-on-order", compiled({"source": ["shop"], "detail-type": ["OrderPlaced"]}))]
    assert explain({"source": "shop", "detail-type": "orderPlaced"}, rules).text() == (
        "closest  charge-on-order  1/2\n"
        '  source       ✓ "shop"\n'
        '  detail-type  ✗ want one of ["OrderPlaced"], got "orderPlaced"  (only the case differs)'
    )


def test_rules_that_match_come_first_then_the_closest() -> None:
    explanation = explained(
        {"a": 1, "b": 2}, {"z": [1]}, {"a": [1], "b": [3], "c": [1]}, {"a": [1], "b": [3]}, {"a": [1]}
    )
    assert [(rule.name, rule.matches) for rule in explanation.rules] == [
        ("rule-4", True),
        ("rule-3", False),
        ("rule-2", False),
        ("rule-1", False),
    ]
    assert [line.split()[0] for line in explanation.lines() if not line.startswith(" ")] == [
        "matches",
        "closest",
        "next",
        "misses",
    ]
    assert [rule.name for rule in explanation.matched] == ["rule-4"]
    assert explanation.closest is not None
    assert explanation.closest.share == 0.5


def test_no_rules() -> None:
    explanation = explained({"a": 1})
    assert (explanation.text(), explanation.closest, explanation.to_json()) == ("", None, {"rules": []})


def test_a_rule_of_which_nothing_holds_is_not_close() -> None:
    explanation = explained({"a": 1}, {"a": [2], "b": [1]})
    assert explanation.closest is None
    assert explanation.lines()[0] == "misses   rule-1  0/2"


def test_limit() -> None:
    rules = [(f"{number}", compiled({"a": [number], "b": [1]})) for number in range(50)]
    assert [rule.name for rule in explain({"a": 30, "b": 2}, rules, limit=2).rules] == ["30", "0"]


def test_or_branch_by_branch() -> None:
    lines = explained({"a": 1, "b": 2}, {"$or": [{"a": [1], "b": [3]}, {"c": [1]}, {"d": [1]}, {"e": [1]}]}).lines()
    assert lines == [
        "closest  rule-1  1/2",
        "  $or 1 of 4  1/2",
        "    a  ✓ 1",
        "    b  ✗ want one of [3], got 2",
        "  $or 2 of 4  0/1",
        "    c  ✗ want one of [1], got nothing",
        "  $or 3 of 4  0/1",
        "    d  ✗ want one of [1], got nothing",
        "  … and 1 more",
    ]


def test_data() -> None:
    assert explained({"a": [1, "x"]}, {"a": ["x"], "b": [{"exists": False}], "c": [True]}).to_json() == {
        "rules": [
            {
                "name": "rule-1",
                "matches": False,
                "held": 2,
                "total": 3,
                "branches": [
                    {
                        "number": 1,
                        "matches": False,
                        "held": 2,
                        "total": 3,
                        "leaves": [
                            {"path": "a", "holds": True, "wanted": ["x"], "found": ["x"], "hint": None},
                            {"path": "b", "holds": True, "wanted": [{"exists": False}], "found": [], "hint": None},
                            {"path": "c", "holds": False, "wanted": [True], "found": [], "hint": None},
                        ],
                    }
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    ("content", "event", "line"),
    [
        ({"a": ["x", "y"]}, {"a": "X"}, 'want one of ["x", "y"], got "X"  (only the case differs)'),
        ({"a": [{"prefix": "Ab"}]}, {"a": "aBc"}, 'want one of [{"prefix": "Ab"}], got "aBc"  (only the case differs)'),
        ({"a": ["x"]}, {"a": " x"}, 'want one of ["x"], got " x"  (only white space around it differs)'),
        ({"a": [5]}, {"a": "5"}, 'want one of [5], got "5"  (it is a string, a number is wanted)'),
        ({"a": ["5"]}, {"a": 5}, 'want one of ["5"], got 5  (it is a number, a string is wanted)'),
        ({"a": [True]}, {"a": "true"}, 'want one of [true], got "true"  (it is a string, true is wanted)'),
        ({"a": [None]}, {"a": "null"}, 'want one of [null], got "null"  (it is a string, null is wanted)'),
        ({"a": ["true"]}, {"a": True}, 'want one of ["true"], got true  (it is a boolean, a string is wanted)'),
        ({"a": ["null"]}, {"a": None}, 'want one of ["null"], got null  (it is null, a string is wanted)'),
        ({"a": [1]}, {"a": 2}, "want one of [1], got 2"),
        ({"a": [{"anything-but": "x"}]}, {"a": "x"}, 'want one of [{"anything-but": "x"}], got "x"'),
        (
            {"a": [{"anything-but": "x"}]},
            {},
            'want one of [{"anything-but": "x"}], got nothing  (anything-but needs a value to be there)',
        ),
        ({"status": [1]}, {"Status": 1}, "want one of [1], got nothing  (there is Status)"),
        ({"d": {"status": [1]}}, {"d": {"statuss": 1}}, "want one of [1], got nothing  (there is d.statuss)"),
        ({"d": {"e": {"f": [1]}}}, {"d": {"x": 1}}, "want one of [1], got nothing  (there is no d.e)"),
        ({"detail": {"id": [1]}}, {"detail-type": "x"}, "want one of [1], got nothing  (there is no detail)"),
        ({"detail": {"id": [1]}}, {"details": {}}, "want one of [1], got nothing  (there is details)"),
        ({"amount": [1]}, {"detail": {"amount": 1}}, "want one of [1], got nothing  (it is at detail.amount)"),
        ({"detail": {"source": ["x"]}}, {"source": "x"}, 'want one of ["x"], got nothing  (it is at source)'),
        (
            {"detail": {"id": [1]}},
            {"detail": '{"id": 1}'},
            "want one of [1], got nothing  (detail is a string: patterns do not look into strings)",
        ),
        (
            {"a": [{"exists": True}]},
            {"a": {}},
            'want one of [{"exists": true}], got an object  (objects and empty arrays are no values)',
        ),
        ({"a": ["x"]}, {"a": []}, 'want one of ["x"], got an empty array'),
        ({"a": ["x"]}, {"a": [{}]}, 'want one of ["x"], got an array of objects'),
        ({"a": [9]}, {"a": [1, 2, 3, 4, 5, 6]}, "want one of [9], got [1, 2, 3, 4, 5] and 1 more"),
        ({"a": [{"exists": False}]}, {"a": 1}, 'want one of [{"exists": false}], got 1'),
        ({"a": [1]}, '{"a":2,"a":3}', "want one of [1], got [2, 3]"),
        ({"a": [1]}, {"a": 9007199254740993}, "want one of [1], got 9007199254740993"),
        ({"a": ["é"]}, {"a": "\ud83d"}, 'want one of ["é"], got "\\ud83d"'),
        ({"a": [{"exactly": "x"}]}, {"a": "y" * 200}, f'want one of [{{"exactly": "x"}}], got "{"y" * 118}…'),
    ],
)
def test_leaf(content: Any, event: Any, line: str) -> None:
    (rule,) = explained(event, content).rules
    (leaf,) = rule.branches[0].leaves
    assert leaf.text() == f"✗ {line}"


def test_another_element_of_the_array() -> None:
    event = {"v": [{"a": 1, "b": 0}, {"a": 0, "b": 2}]}
    assert explained(event, {"v": {"a": [1], "b": [2]}}).lines() == [
        "closest  rule-1  1/2",
        "  v.a  ✓ 1",
        "  v.b  ✗ want one of [2], got [0, 2]  (it is in another element of the array)",
    ]


def test_a_matching_rule_shows_what_it_found() -> None:
    assert explained({"a": ["x", 1], "b": {}}, {"a": ["x"], "b": [{"exists": False}]}).lines() == [
        "matches  rule-1  2/2",
        '  a  ✓ "x"',
        "  b  ✓ absent",
    ]


def test_large_events_are_explained_too() -> None:
    event = {"v": [{f"k{number}": number} for number in range(20_000)], "w": [[[]]] * 20_000}
    pattern = compile_pattern('{"v":{"key":[1]},"w":{"x":[1]},"q":{"r":[1]}}')
    assert not explain(event, [("rule", pattern)]).rules[0].matches


def test_halves_of_surrogate_pairs_can_be_shown_and_sent() -> None:
    explanation = explain({"a": "\ud83d"}, [("rule", compile_pattern('{"b\\ud800":["\\ud83d"]}'))])
    explanation.text().encode()
    assert json.dumps(explanation.to_json(), ensure_ascii=False).encode()
