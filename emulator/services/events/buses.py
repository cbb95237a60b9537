"""Event buses: create, describe, update, list, delete."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.arn import Arn
from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.services.events.names import authorize_bus, bus_key, bus_of, checked_arn, invalid, present
from emulator.services.events.service import events
from emulator.services.events.tags import tags_of
from emulator.store.buses import DEFAULT, Bus
from emulator.wire.paging import page
from emulator.wire.service import Members


@events.operation("CreateEventBus")
def create_event_bus(
    call: Call,
    *,
    name: str,
    event_source_name: str | None = None,
    description: str | None = None,
    kms_key_identifier: str | None = None,
    dead_letter_config: Members | None = None,
    log_config: Members | None = None,
    tags: list[Members] | None = None,
) -> Members:
    if event_source_name is not None:
        raise AwsError("ResourceNotFoundException", f"Event source {event_source_name} does not exist.")
    if "/" in name:
        raise invalid("Event bus name must not contain '/'.")
    _check_letters(dead_letter_config)
    key = bus_key(call, name)
    if call.store.buses.exists(key):
        raise AwsError("ResourceAlreadyExistsException", f"Event bus {name} already exists.")
    now = call.clock.now()
    bus = Bus(
        key.account,
        key.region,
        key.name,
        created=now,
        modified=now,
        description=description,
        kms_key=kms_key_identifier,
        dead_letter_config=dead_letter_config,
        log_config=log_config,
    )
    with call.store.transaction():
        call.store.buses.put(bus)
        call.store.tags.put(key.account, key.region, bus.arn, tags_of(tags))
    return {"EventBusArn": bus.arn, **_settings(bus)}


@events.operation("DescribeEventBus")
def describe_event_bus(call: Call, *, name: str = DEFAULT) -> Members:
    arn = Arn.parse(name)
    if arn is not None and arn.region != call.region:
        raise invalid("Cross-region api call is not allowed.")
    authorize_bus(call, name, "DescribeEventBus")
    return _described(bus_of(call, name))


@events.operation("UpdateEventBus")
def update_event_bus(
    call: Call,
    *,
    name: str = DEFAULT,
    kms_key_identifier: str | None = None,
    description: str | None = None,
    dead_letter_config: Members | None = None,
    log_config: Members | None = None,
) -> Members:
    """What is not given stays as it is."""
    _check_letters(dead_letter_config)
    bus = bus_of(call, name)
    changed = replace(
        bus,
        modified=call.clock.now(),
        kms_key=_given(kms_key_identifier, bus.kms_key),
        description=_given(description, bus.description),
        dead_letter_config=_given(dead_letter_config, bus.dead_letter_config),
        log_config=_given(log_config, bus.log_config),
    )
    call.store.buses.put(changed)
    return {"Arn": changed.arn, "Name": changed.name, **_settings(changed)}


@events.operation("ListEventBuses")
def list_event_buses(
    call: Call, *, name_prefix: str = "", next_token: str | None = None, limit: int | None = None
) -> Members:
    call.store.buses.ensure_default(call.account, call.region, call.clock.now())
    found = [bus for bus in call.store.buses.all(call.account, call.region) if bus.name.startswith(name_prefix)]
    buses, token = page(found, limit, next_token, ("ListEventBuses", call.scope, name_prefix))
    return present(EventBuses=[_listed(bus) for bus in buses], NextToken=token)


@events.operation("DeleteEventBus")
def delete_event_bus(call: Call, *, name: str) -> None:
    if name == DEFAULT:
        raise invalid("Cannot delete event bus default.")
    key = bus_key(call, name)
    if call.store.rules.any(key):
        raise invalid("EventBus can't be deleted since it has rules.")
    with call.store.transaction():
        call.store.buses.remove(key)  # a bus that is not there is deleted, too
        call.store.tags.clear(key.account, key.region, key.arn)
    call.publisher.bus_removed(key)


def _check_letters(config: Members | None) -> None:
    """AWS sends there what it cannot encrypt with the bus's key (user guide): here nothing is encrypted."""
    if config is not None and "Arn" in config:
        checked_arn(config["Arn"])


def _settings(bus: Bus) -> Members:
    return present(
        Description=bus.description,
        KmsKeyIdentifier=bus.kms_key,
        DeadLetterConfig=bus.dead_letter_config,
        LogConfig=bus.log_config,
    )


def _described(bus: Bus) -> Members:
    return present(
        Name=bus.name,
        Arn=bus.arn,
        Description=bus.description,
        KmsKeyIdentifier=bus.kms_key,
        DeadLetterConfig=bus.dead_letter_config,
        Policy=bus.policy,
        LogConfig=bus.log_config,
        CreationTime=bus.created,
        LastModifiedTime=bus.modified,
        ManagedBy=bus.managed_by,
    )


def _listed(bus: Bus) -> Members:
    return present(
        Name=bus.name,
        Arn=bus.arn,
        Description=bus.description,
        Policy=bus.policy,
        CreationTime=bus.created,
        LastModifiedTime=bus.modified,
        ManagedBy=bus.managed_by,
    )


def _given(new: Any, old: str | Mapping[str, Any] | None) -> Any:
    return old if new is None else new
