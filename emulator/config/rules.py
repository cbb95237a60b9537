"""The rules and buses of a configuration, held against what AWS admits."""

import re
from collections.abc import Iterable

from emulator.arn import Arn
from emulator.config.json_text import json_text
from emulator.config.problems import Problems
from emulator.config.result import DEFAULT_BUS, Bus, Rule
from emulator.config.schedule_hints import reason
from emulator.config.shapes import FileShape, RuleShape
from emulator.config.targets import Missing, build_targets
from emulator.config.yaml_source import KeyPath
from emulator.matching import InvalidPattern, compile_pattern
from emulator.timing import InvalidSchedule, parse_rule_schedule

# botocore, events: RuleName, EventBusName, EventPattern, ScheduleExpression (a test holds them against it).
RULE_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,64}")
BUS_NAME = re.compile(r"[.\-_A-Za-z0-9]{1,256}")  # without the slash of partner event buses
MAX_PATTERN = 4096
MAX_SCHEDULE = 256


def build_rules(shape: FileShape, missing: Missing, problems: Problems) -> tuple[Rule, ...]:
    """Every rule; `missing(name)` says why there is no such function."""
    rules = []
    seen: dict[tuple[str, str], str] = {}
    for name, item in shape.rules.items():
        rule = _build(name, item, shape.account, missing, problems)
        if (rule.bus, rule.name) in seen:
            problems.add(
                rule.key, f"is the rule '{rule.name}' that {seen[rule.bus, rule.name]} is already", at_key=True
            )
        seen.setdefault((rule.bus, rule.name), f"rules.{name}")
        rules.append(rule)
    return tuple(rules)


def build_buses(shape: FileShape, rules: Iterable[Rule], problems: Problems) -> tuple[Bus, ...]:
    """The buses that are written down, then those that rules and targets name, in that order."""
    buses = {}
    for name, item in shape.buses.items():
        _check_bus(name, ("buses", name), problems, at_key=True)
        if name != DEFAULT_BUS:
            buses[name] = Bus(name=name, description=item.description)
        elif item.description is not None:
            problems.add(
                ("buses", name, "description"), "the default bus is always there and takes no description here"
            )
    for rule in rules:
        for name in (rule.bus, *(target.bus for target in rule.targets)):
            if name and name != DEFAULT_BUS:
                buses.setdefault(name, Bus(name=name))
    return tuple(buses.values())


def _build(key: str, shape: RuleShape, account: str, missing: Missing, problems: Problems) -> Rule:
    path: KeyPath = ("rules", key)
    name = key if shape.name is None else shape.name
    if not RULE_NAME.fullmatch(name):
        at = (*path, "name") if shape.name is not None else path
        problems.add(at, "a rule's name has 1 to 64 letters, digits and . - _, as on AWS", at_key=shape.name is None)
    bus = _bus(shape, account, path, problems)
    pattern = _pattern(shape, path, problems)
    _check_schedule(shape, bus, path, problems)
    if shape.pattern is None and shape.schedule is None and not problems.within(path):
        problems.add(path, "never runs: give it a pattern or a schedule", at_key=True)
    targets = build_targets(shape, path, missing, problems)
    for index, target in enumerate(targets):
        if target.bus:
            _check_bus(target.bus, (*path, "targets", index, "bus"), problems)
        if target.bus == bus:
            problems.add((*path, "targets", index, "bus"), "is the bus of the rule itself, which AWS refuses")
    return Rule(
        name=name,
        bus=bus,
        pattern=pattern,
        schedule=shape.schedule,
        state=_state(shape, path, problems),
        description=shape.description,
        role_arn=shape.role_arn,
        targets=targets,
        key=path,
    )


def _bus(shape: RuleShape, account: str, path: KeyPath, problems: Problems) -> str:
    """The name of the bus.  AWS takes its ARN too, and ignores the region in it (recorded)."""
    arn = Arn.parse(shape.bus or "")
    if arn and arn.account != account:
        problems.add((*path, "bus"), f"is a bus of the account {arn.account}; what the file makes is in {account}")
    bus = arn.resource.removeprefix("event-bus/") if arn else shape.bus or DEFAULT_BUS
    _check_bus(bus, (*path, "bus"), problems)
    return bus


def _check_bus(name: str, path: KeyPath, problems: Problems, *, at_key: bool = False) -> None:
    if not BUS_NAME.fullmatch(name):
        problems.add(path, "a bus's name has 1 to 256 letters, digits and . - _, as on AWS", at_key=at_key)


def _pattern(shape: RuleShape, path: KeyPath, problems: Problems) -> str | None:
    path = (*path, "pattern")
    if shape.pattern is None:
        return None
    if not isinstance(shape.pattern, str | dict):
        problems.add(path, "should be a mapping, or JSON in quotes")
        return None
    before = len(problems)
    text = shape.pattern if isinstance(shape.pattern, str) else json_text(shape.pattern, path, problems.add)
    if len(problems) > before:
        return text
    if len(text) > MAX_PATTERN:
        problems.add(path, f"should be at most {MAX_PATTERN} characters of JSON, as on AWS, not {len(text)}")
        return text
    try:
        compile_pattern(text)
    except InvalidPattern as error:
        problems.add(path, f"Event pattern is not valid. Reason: {error.reason}")
    return text


def _check_schedule(shape: RuleShape, bus: str, path: KeyPath, problems: Problems) -> None:
    if shape.schedule is None:
        return
    path = (*path, "schedule")
    if bus != DEFAULT_BUS:
        problems.add(path, "ScheduleExpression is supported only on the default event bus.")
    if len(shape.schedule) > MAX_SCHEDULE:
        problems.add(path, f"should be at most {MAX_SCHEDULE} characters long")
    try:
        parse_rule_schedule(shape.schedule)
    except InvalidSchedule:
        why = reason(shape.schedule)
        text = f"AWS takes rate(1 minute), rate(5 minutes), cron(0 3 * * ? *); not '{shape.schedule}'"
        problems.add(path, f"{text}: {why}" if why else text)


def _state(shape: RuleShape, path: KeyPath, problems: Problems) -> str:
    if shape.enabled is None:
        return shape.state or "ENABLED"
    if shape.state is not None:
        problems.add((*path, "state"), "says the same as enabled; give one of the two")
    return "ENABLED" if shape.enabled else "DISABLED"
