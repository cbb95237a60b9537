"""Tags of buses and rules."""

from collections.abc import Iterable

from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.events.names import authorize_bus, bus_of, checked_arn, invalid, rule_of
from emulator.services.events.service import events
from emulator.store.buses import DEFAULT
from emulator.wire.service import Members


@events.operation("TagResource")
def tag_resource(call: Call, *, resource_arn: str, tags: list[Members]) -> None:
    resource = _resource(call, resource_arn, "TagResource")
    call.store.tags.put(*resource, tags_of(tags))


@events.operation("UntagResource")
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> None:
    call.store.tags.remove(*_resource(call, resource_arn, "UntagResource"), tag_keys)


@events.operation("ListTagsForResource")
def list_tags_for_resource(call: Call, *, resource_arn: str) -> Members:
    tags = call.store.tags.of(*_resource(call, resource_arn, "ListTagsForResource"))
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tags_of(tags: Iterable[Members] | None) -> dict[str, str]:
    """`[{"Key": k, "Value": v}]` as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def _resource(call: Call, text: str, action: str) -> tuple[str, str, str]:
    """Account, region and canonical ARN of the rule or bus; refuses one that does not exist."""
    arn = checked_arn(text)
    kind, _, path = arn.resource.partition("/")
    if arn.service != "events" or kind not in ("rule", "event-bus") or not path:
        raise invalid(f"Parameter {text} is not valid. Reason: Provided Arn is not in correct format.")
    if kind == "event-bus":
        bus_arn = f"arn:{arn.partition}:events:{arn.region}:{arn.account}:event-bus/{path}"
        authorize_bus(call, bus_arn, action)
        bus = bus_of(call, bus_arn)
        return bus.account, bus.region, bus.arn
    on, _, name = path.rpartition("/")
    bus_arn = f"arn:{arn.partition}:events:{arn.region}:{arn.account}:event-bus/{on or DEFAULT}"
    rule = rule_of(call, bus_arn, name, action)
    if action != "ListTagsForResource" and rule.managed_by is not None:
        text = f"Tag related operations on the managed rule {rule.name} is not allowed."
        raise AwsError("ManagedRuleException", text)
    return rule.account, rule.region, rule.arn
