"""Names and ARNs in requests -> the bus or the rule they mean, or AWS's refusal; and what every answer has in common.

Texts of the refusals: recorded on AWS, January 2025 and September 2026.
"""

from typing import Any

from emulator.arn import Arn
from emulator.delivery.access import guard_of
from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.store.buses import DEFAULT, Bus, BusKey
from emulator.store.rules import Rule, rule_arn
from emulator.wire.service import Members


def bus_key(call: Call, name_or_arn: str) -> BusKey:
    """Which bus is meant.  The account of an ARN counts, its region does not: AWS made a rule on the bus of that name
    in the region that was asked (recorded)."""
    if name_or_arn.startswith("arn:"):
        _, _, _, _, account, resource = name_or_arn.split(":", 5)
        return BusKey(account, call.region, resource.removeprefix("event-bus/"))
    return BusKey(call.account, call.region, name_or_arn)


def bus_of(call: Call, name_or_arn: str) -> Bus:
    """The bus; ResourceNotFoundException when there is none."""
    key = bus_key(call, name_or_arn)
    bus = call.store.buses.find(key)
    if bus is None and key.name == DEFAULT:
        call.store.buses.ensure_default(key.account, key.region, call.clock.now())
        bus = call.store.buses.find(key)
    if bus is None:
        raise AwsError("ResourceNotFoundException", f"Event bus {key.name} does not exist.")
    return bus


def rule_of(call: Call, bus: str, name: str, action: str) -> Rule:
    """The rule `name` of a bus given by name or ARN, for an operation; ResourceNotFoundException when there is no such
    bus or rule, AccessDeniedException when the caller may not."""
    authorize_rule(call, bus, name, action)
    key = bus_of(call, bus).key
    rule = call.store.rules.find(key, name)
    if rule is None:
        raise AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {key.name}.")
    return rule


def authorize_rule(call: Call, bus: str, name: str, action: str) -> None:
    """AccessDeniedException unless the caller may do `action` (`PutRule`, …) to the rule, which need not exist.  For
    a list of rules, `name` is `*`."""
    key = bus_key(call, bus)
    guard = guard_of(call.store, call.account, key, f"events:{action}", rule_arn(key, name))
    if guard is not None:
        rule = call.store.rules.find(key, name)
        guard.check_operation(creator=call.account if rule is None else rule.created_by)


def authorize_bus(call: Call, bus: str, action: str) -> None:
    """The same for an operation on the bus itself."""
    guard = guard_of(call.store, call.account, bus_key(call, bus), f"events:{action}")
    if guard is not None:
        guard.check_operation(creator=call.account)


def checked_arn(text: str) -> Arn:
    """The parts of an ARN that a member of a target, a rule or a tag request holds."""
    arn = Arn.parse(text)
    if arn is None:
        raise invalid(f"Parameter {text} is not valid. Reason: Provided Arn is not in correct format.")
    return arn


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def present(**members: Any) -> Members:
    """AWS leaves out the key of what was never set."""
    return {name: value for name, value in members.items() if value is not None}
