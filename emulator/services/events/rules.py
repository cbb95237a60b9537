"""Rules: put, describe, list, enable, disable, delete; and which rules have a given target."""

import contextlib
from dataclasses import replace

from emulator.errors import AwsError
from emulator.matching import InvalidPattern, Pattern, compile_pattern
from emulator.services.call import Call
from emulator.services.events.names import authorize_rule, bus_key, bus_of, checked_arn, invalid, present, rule_of
from emulator.services.events.service import events
from emulator.services.events.tags import tags_of
from emulator.store.buses import DEFAULT, BusKey
from emulator.store.rules import DISABLED, Rule
from emulator.timing import InvalidSchedule, parse_rule_schedule
from emulator.wire.paging import InvalidToken, page
from emulator.wire.service import Members

ENABLED = "ENABLED"
WITH_MANAGEMENT_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


@events.operation("PutRule")
def put_rule(
    call: Call,
    *,
    name: str,
    schedule_expression: str | None = None,
    event_pattern: str | None = None,
    state: str = ENABLED,
    description: str | None = None,
    role_arn: str | None = None,
    tags: list[Members] | None = None,
    event_bus_name: str = DEFAULT,
) -> Members:
    """Replaces everything of a rule that exists, but its targets and tags (`tags` count only when it is created)."""
    key = bus_key(call, event_bus_name)
    _check(key.name, schedule_expression, event_pattern, state)
    if role_arn is not None:
        checked_arn(role_arn)
    authorize_rule(call, event_bus_name, name, "PutRule")
    bus_of(call, event_bus_name)
    old = call.store.rules.find(key, name)
    refuse_managed(old)
    rule = Rule(
        key.account,
        key.region,
        key.name,
        name,
        state=state,
        created_by=call.account if old is None else old.created_by,
        pattern=event_pattern,
        schedule=schedule_expression,
        description=description,
        role_arn=role_arn,
    )
    with call.store.transaction():
        call.store.rules.put(_anchored(call, rule, old))
        if old is None:
            call.store.tags.put(key.account, key.region, rule.arn, tags_of(tags))
    call.publisher.rule_changed(key, name)
    return {"RuleArn": rule.arn}


@events.operation("DescribeRule")
def describe_rule(call: Call, *, name: str, event_bus_name: str = DEFAULT) -> Members:
    rule = rule_of(call, event_bus_name, name, "DescribeRule")
    return present(
        Name=rule.name,
        Arn=rule.arn,
        EventPattern=rule.pattern,
        ScheduleExpression=rule.schedule,
        State=rule.state,
        Description=rule.description,
        RoleArn=rule.role_arn,
        ManagedBy=rule.managed_by,
        EventBusName=rule.bus,
        CreatedBy=rule.created_by,
    )


@events.operation("ListRules")
def list_rules(
    call: Call,
    *,
    name_prefix: str = "",
    event_bus_name: str = DEFAULT,
    next_token: str | None = None,
    limit: int | None = None,
) -> Members:
    authorize_rule(call, event_bus_name, "*", "ListRules")
    key = bus_of(call, event_bus_name).key
    found = [rule for rule in call.store.rules.of(key) if rule.name.startswith(name_prefix)]
    rules, token = page(found, limit, next_token, ("ListRules", key, name_prefix))
    return present(Rules=[_listed(rule) for rule in rules], NextToken=token)


@events.operation("EnableRule")
def enable_rule(call: Call, *, name: str, event_bus_name: str = DEFAULT) -> None:
    _switch(call, rule_of(call, event_bus_name, name, "EnableRule"), ENABLED)


@events.operation("DisableRule")
def disable_rule(call: Call, *, name: str, event_bus_name: str = DEFAULT) -> None:
    _switch(call, rule_of(call, event_bus_name, name, "DisableRule"), DISABLED)


@events.operation("DeleteRule")
def delete_rule(call: Call, *, name: str, event_bus_name: str = DEFAULT, force: bool = False) -> None:
    """A rule that is not there is deleted, too; a bus that is not there is an error."""
    authorize_rule(call, event_bus_name, name, "DeleteRule")
    key = bus_of(call, event_bus_name).key
    rule = call.store.rules.find(key, name)
    refuse_unless_forced(rule, force)
    if rule is None:
        return
    if call.store.rules.targets(key, name):
        raise invalid("Rule can't be deleted since it has targets.")
    with call.store.transaction():
        call.store.rules.remove(key, name)
        call.store.tags.clear(key.account, key.region, rule.arn)
    call.publisher.rule_changed(key, name)


@events.operation("ListRuleNamesByTarget")
def list_rule_names_by_target(
    call: Call,
    *,
    target_arn: str,
    event_bus_name: str = DEFAULT,
    next_token: str | None = None,
    limit: int | None = None,
) -> Members:
    authorize_rule(call, event_bus_name, "*", "ListRuleNamesByTarget")
    key = bus_of(call, event_bus_name).key
    found = call.store.rules.names_by_target(key, target_arn)
    try:
        names, token = page(found, limit, next_token, _by_target(key, target_arn), key=str)
    except InvalidToken:
        raise _wrong_token(call, target_arn, str(next_token)) from None
    return present(RuleNames=names, NextToken=token)


def _by_target(bus: BusKey, target_arn: str) -> object:
    return "ListRuleNamesByTarget", bus, target_arn


def _wrong_token(call: Call, target_arn: str, token: str) -> AwsError:
    """Words of its own, and AWS stumbles over a token for the same target on another bus (recorded, September 2026)."""
    for bus in call.store.buses.all(call.account, call.region):
        with contextlib.suppress(InvalidToken):
            page([], None, token, _by_target(bus.key, target_arn), key=str)
            return AwsError("InternalException", "Service encountered unexpected problem. Please try again.")
    return invalid("Parameter NextToken is not valid.")


def refuse_unless_forced(rule: Rule | None, force: bool) -> None:
    """What an AWS service made and manages (the rule of an archive) is taken away only with Force."""
    if rule is not None and rule.managed_by is not None and not force:
        text = f"{rule.name} is a managed rule. Set 'force' parameter to true to override."
        raise AwsError("ManagedRuleException", text)


def refuse_managed(rule: Rule | None) -> None:
    if rule is not None and rule.managed_by is not None:
        raise AwsError("ManagedRuleException", f"{rule.name} is a managed rule.")


def _check(bus: str, schedule: str | None, pattern: str | None, state: str) -> None:
    """Empty texts are given, but nothing: a rule needs one of the two, and a custom bus takes not even an empty
    schedule (recorded on AWS, September 2026)."""
    if schedule is not None and bus != DEFAULT:
        raise invalid("ScheduleExpression is supported only on the default event bus.")
    if not schedule and not pattern:
        raise invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if schedule:
        _check_schedule(schedule, state)
    if pattern:
        compiled(pattern)


def _check_schedule(schedule: str, state: str) -> None:
    try:
        parse_rule_schedule(schedule)
    except InvalidSchedule:
        raise invalid("Parameter ScheduleExpression is not valid.") from None
    if state == WITH_MANAGEMENT_EVENTS:
        # The code was recorded, its text was not.
        raise invalid(f"Parameter State is not valid. Reason: {state} is not supported for scheduled rules.")


def compiled(pattern: str) -> Pattern:
    try:
        return compile_pattern(pattern)
    except InvalidPattern as error:
        text = f"Event pattern is not valid. Reason: {error.reason}"
        raise AwsError("InvalidEventPatternException", text) from None


def _anchored(call: Call, rule: Rule, old: Rule | None) -> Rule:
    """With the moment since which its schedule runs.

    The same expression keeps its cadence; another one, or disabled to enabled, starts anew (recorded on AWS).
    """
    if not rule.enabled or not rule.schedule:
        return replace(rule, anchored=None)
    kept = old is not None and old.anchored is not None and old.schedule == rule.schedule
    return replace(rule, anchored=old.anchored if old is not None and kept else call.clock.now())


def _switch(call: Call, rule: Rule, state: str) -> None:
    refuse_managed(rule)
    call.store.rules.put(_anchored(call, replace(rule, state=state), rule))
    call.publisher.rule_changed(rule.bus_key, rule.name)


def _listed(rule: Rule) -> Members:
    return present(
        Name=rule.name,
        Arn=rule.arn,
        EventPattern=rule.pattern,
        State=rule.state,
        Description=rule.description,
        ScheduleExpression=rule.schedule,
        RoleArn=rule.role_arn,
        ManagedBy=rule.managed_by,
        EventBusName=rule.bus,
    )
