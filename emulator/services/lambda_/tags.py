"""Tags of functions and code signing configurations."""

from collections.abc import Mapping

from emulator.arn import Arn
from emulator.services.call import Call
from emulator.services.lambda_ import signing
from emulator.services.lambda_.names import invalid, named, not_found, required
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members

_MOST = 50


@lambda_api.operation("TagResource")
def tag_resource(call: Call, *, resource: str, tags: dict[str, str]) -> None:
    account, region, arn = _tagged(call, resource)
    if not tags:
        raise invalid("An error occurred and the request cannot be processed.")  # recorded on AWS
    check_tags({**call.store.tags.of(account, region, arn), **tags})
    with call.store.transaction():
        call.store.tags.put(account, region, arn, tags)


@lambda_api.operation("UntagResource")
def untag_resource(call: Call, *, resource: str, tag_keys: list[str]) -> None:
    """Keys that are not there are passed over."""
    where = _tagged(call, resource)
    with call.store.transaction():
        call.store.tags.remove(*where, tag_keys)


@lambda_api.operation("ListTags")
def list_tags(call: Call, *, resource: str) -> Members:
    return {"Tags": dict(sorted(call.store.tags.of(*_tagged(call, resource)).items()))}


def check_tags(tags: Mapping[str, str]) -> None:
    if len(tags) > _MOST:
        raise invalid("Number of tags exceeds resource tag limit.")


def _tagged(call: Call, resource: str) -> tuple[str, str, str]:
    """Account, region and ARN of what is tagged; refuses what is not there."""
    arn = Arn.parse(resource)
    kind, _, rest = arn.resource.partition(":") if arn is not None else ("", "", "")
    if arn is not None and kind == "code-signing-config":
        return arn.account, arn.region, signing.existing(call, resource).arn
    if kind == "event-source-mapping":
        raise not_found(f"Event source mapping not found: {resource}")
    if kind != "function":
        raise not_found(f"{kind} not found: {resource}")
    name = named(call, resource)
    if ":" in rest:
        raise invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
    return name.account, name.region, required(call, name).arn
