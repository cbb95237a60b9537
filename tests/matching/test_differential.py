"""The engine against the reference: random rules that come and go, random events.

EBL_FUZZ_SECONDS gives it longer than the few seconds it takes in the suite.
"""

import os
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.matching import InvalidPattern, Pattern, RuleIndex, compile_pattern, explain, matches, parse_event
from tests.matching import random_rules, reference

SECONDS = float(os.environ.get("EBL_FUZZ_SECONDS", "1"))
SETTINGS = settings(
    max_examples=int(20 * SECONDS),
    deadline=None,
    derandomize=SECONDS == 1,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 2**48)


def rule(chance: Random) -> tuple[str, Pattern]:
    """A random pattern that is not too complex."""
    while True:
        text = random_rules.pattern(chance)
        try:
            return text, compile_pattern(text)
        except InvalidPattern as refused:
            if not refused.reason.startswith(("Rule is too complex", "Or operator is producing over")):
                raise


@SETTINGS
@given(SEEDS)
def test_one_rule_agrees_with_the_reference(seed: int) -> None:
    chance = Random(seed)
    texts = [random_rules.event(chance) for _ in range(4)]
    for text, pattern in (rule(chance) for _ in range(8)):
        for event in texts:
            tree = parse_event(event)
            wanted = reference.matches(text, event)
            assert matches(pattern, tree) is wanted, f"{text}\n{event}"
            assert bool(explain(tree, [("rule", pattern)]).matched) is wanted, f"{text}\n{event}"


@SETTINGS
@given(SEEDS)
def test_many_rules_agree_with_one_by_one(seed: int) -> None:
    """Enough rules that share conditions for the index to spread them; they come and go between the events."""
    chance = Random(seed)
    pool = [rule(chance) for _ in range(40)]
    rules = {f"{number}": chance.choice(pool)[1] for number in range(chance.choice([3, 30, 120]))}
    index = RuleIndex[str]()
    held: dict[str, Pattern] = {}
    for _ in range(6):
        for name in chance.sample(sorted(rules), chance.randint(0, len(rules))):
            if name in index and chance.random() < 0.6:
                index.remove(name)
                del held[name]
            else:
                held.pop(name, None)
                held[name] = rules[name]
                index.add(name, rules[name])
        text = random_rules.event(chance)
        event = parse_event(text)
        assert index.match(event) == [name for name in held if matches(held[name], event)], text
        assert len(index) == len(held)
    for name in held:
        index.remove(name)
    left = [index._root.here, index._root.ways, index._root.size, not index._wanted.is_empty()]
    assert not any(left)
