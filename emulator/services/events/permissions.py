"""Permissions of a bus: one statement at a time, or a whole policy."""

import json
import re
from dataclasses import replace

from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.events import policy as policies
from emulator.services.events.names import bus_of, invalid
from emulator.services.events.service import events
from emulator.store.buses import DEFAULT, Bus
from emulator.wire.service import Members

_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


@events.operation("PutPermission")
def put_permission(
    call: Call,
    *,
    event_bus_name: str = DEFAULT,
    action: str | None = None,
    principal: str | None = None,
    statement_id: str | None = None,
    condition: Members | None = None,
    policy: str | None = None,
) -> None:
    """A statement of the same id is replaced; a `policy` replaces all of them."""
    simple = {"Action": action, "Principal": principal, "StatementId": statement_id}
    if policy is not None:
        if condition is not None or any(value is not None for value in simple.values()):
            raise invalid("Action, Principal, StatementId and Condition could not be combined with Policy parameter.")
        bus = bus_of(call, event_bus_name)
        _keep(call, bus, policies.checked(policy, bus.arn))
        return
    for name, value in simple.items():
        if value is None:
            raise invalid(f"Parameter(s) {name} must be specified.")
    _check_simple(action, condition)
    bus = bus_of(call, event_bus_name)
    _keep(call, bus, _with(bus, _statement(bus, str(statement_id), str(principal), condition)))


@events.operation("RemovePermission")
def remove_permission(
    call: Call,
    *,
    statement_id: str | None = None,
    remove_all_permissions: bool = False,
    event_bus_name: str = DEFAULT,
) -> None:
    if remove_all_permissions and statement_id is not None:
        raise invalid("StatementId could not be combined with All parameter.")
    if not remove_all_permissions and statement_id is None:
        raise invalid("Parameter(s) StatementId must be specified.")
    bus = bus_of(call, event_bus_name)
    if remove_all_permissions:
        _keep(call, bus, None)
        return
    statements = _statements(bus)
    left = [statement for statement in statements if statement["Sid"] != statement_id]
    if len(left) == len(statements):
        raise AwsError("ResourceNotFoundException", "Statement with the provided id does not exist.")
    _keep(call, bus, {**_document(bus), "Statement": left} if left else None)


def _check_simple(action: str | None, condition: Members | None) -> None:
    if action != "events:PutEvents":
        raise invalid("Provided value in parameter 'action' is not supported.")
    if condition is None:
        return
    if condition["Key"] != "aws:PrincipalOrgID":
        raise invalid("Provided value in parameter 'condition.key' is not supported.")
    if condition["Type"] != "StringEquals":
        raise invalid("Provided value in parameter 'condition.type' is not supported.")
    if not _ORGANIZATION.fullmatch(condition["Value"]):
        raise invalid("Provided value in parameter 'condition.value' is invalid.")


def _statement(bus: Bus, sid: str, principal: str, condition: Members | None) -> policies.Statement:
    statement: policies.Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"AWS": policies.root_of(principal)},
        "Action": "events:PutEvents",
        "Resource": bus.arn,
    }
    if condition is not None:
        statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return statement


def _with(bus: Bus, statement: policies.Statement) -> policies.Document:
    statements = {old["Sid"]: old for old in _statements(bus)}
    statements[statement["Sid"]] = statement
    return {**_document(bus), "Statement": list(statements.values())}


def _document(bus: Bus) -> policies.Document:
    document: policies.Document = json.loads(bus.policy) if bus.policy else {"Version": "2012-10-17", "Statement": []}
    return document


def _statements(bus: Bus) -> list[policies.Statement]:
    statements: list[policies.Statement] = _document(bus)["Statement"]
    return statements


def _keep(call: Call, bus: Bus, document: policies.Document | None) -> None:
    """Putting what is there already is no modification (recorded)."""
    text = None if document is None else policies.compact(document)
    if text != bus.policy:
        call.store.buses.put(replace(bus, policy=text, modified=call.clock.now()))
