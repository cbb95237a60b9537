"""Targets of a rule: put, list, remove."""

from typing import Any

from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.events.admission import check_target
from emulator.services.events.names import bus_key, present, rule_of
from emulator.services.events.rules import refuse_managed, refuse_unless_forced
from emulator.services.events.service import events
from emulator.store.buses import DEFAULT
from emulator.store.rules import Rule, Target
from emulator.wire.paging import page
from emulator.wire.service import Members

TARGETS_PER_RULE = 5
"""A quota that AWS does not raise; recorded, March 2025."""


@events.operation("PutTargets")
def put_targets(call: Call, *, rule: str, targets: list[Members], event_bus_name: str = DEFAULT) -> Members:
    """A target that cannot be delivered to is refused as a failed entry, so that nobody waits for it in vain."""
    key = bus_key(call, event_bus_name)
    for target in targets:
        check_target(target, key)
    owner = rule_of(call, event_bus_name, rule, "PutTargets")
    refuse_managed(owner)
    _check_count(call, owner, targets)
    failures = [failure for target in targets if (failure := _failure(call, target)) is not None]
    failed = {failure["TargetId"] for failure in failures}
    with call.store.transaction():
        call.store.rules.put_targets(
            key, [Target(rule, t["Id"], t["Arn"], _in_order(t)) for t in targets if t["Id"] not in failed]
        )
    call.publisher.rule_changed(key, rule)
    return {"FailedEntryCount": len(failures), "FailedEntries": failures}


@events.operation("ListTargetsByRule")
def list_targets_by_rule(
    call: Call,
    *,
    rule: str,
    event_bus_name: str = DEFAULT,
    next_token: str | None = None,
    limit: int | None = None,
) -> Members:
    key = rule_of(call, event_bus_name, rule, "ListTargetsByRule").bus_key
    found = call.store.rules.targets(key, rule)
    targets, token = page(found, limit, next_token, ("ListTargetsByRule", key, rule), key=lambda target: target.id)
    return present(Targets=[dict(target.members) for target in targets], NextToken=token)


@events.operation("RemoveTargets")
def remove_targets(
    call: Call, *, rule: str, ids: list[str], event_bus_name: str = DEFAULT, force: bool = False
) -> Members:
    """An id that is not there is removed, too."""
    owner = rule_of(call, event_bus_name, rule, "RemoveTargets")
    refuse_unless_forced(owner, force)
    with call.store.transaction():
        call.store.rules.remove_targets(owner.bus_key, rule, ids)
    call.publisher.rule_changed(owner.bus_key, rule)
    return {"FailedEntryCount": 0, "FailedEntries": []}


def _check_count(call: Call, rule: Rule, targets: list[Members]) -> None:
    ids = {target.id for target in call.store.rules.targets(rule.bus_key, rule.name)}
    if len(ids.union(target["Id"] for target in targets)) > TARGETS_PER_RULE:
        raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")


def _failure(call: Call, target: Members) -> Members | None:
    reason = call.publisher.refusal(target["Arn"])
    if reason is None:
        return None
    return {"TargetId": target["Id"], "ErrorCode": "NotImplementedException", "ErrorMessage": reason}


def _in_order(target: Members) -> Members:
    """As AWS lists it: members in the model's order, query parameters by name (recorded)."""
    shape = events.model.operations["PutTargets"].input
    assert shape is not None
    listed = {name: target[name] for name in shape.members["Targets"].shape.item.shape.members if name in target}
    http: dict[str, Any] = listed.get("HttpParameters", {})
    if "QueryStringParameters" in http:
        listed["HttpParameters"] = {
            **http,
            "QueryStringParameters": dict(sorted(http["QueryStringParameters"].items())),
        }
    return listed
