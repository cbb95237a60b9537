"""For every operation of the models: botocore's serializer, then our reader; our writer, then botocore's parser."""

import json

import pytest

from emulator.errors import AwsError
from emulator.wire import codec
from emulator.wire.http import HttpRequest
from emulator.wire.models import SERVICES, load_model
from emulator.wire.router import credential, model_of, route
from tests.wire.oracle import Members, Randomly, Shape, all_operations, botocore_model, parsed, request_of

REQUEST_ID = "7976d3c8-cba2-467e-8c0c-a83cf3e54d70"
OPERATIONS = list(all_operations(*SERVICES))
ERRORS = [(service, shape) for service in SERVICES for shape in botocore_model(service).error_shapes]


def read(request: HttpRequest) -> tuple[str, str, Members]:
    model = model_of(request, credential(request).service)
    found = route(model, request)
    return model.service, found.operation.name, codec.reader(found.operation)(request, found.labels)


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_what_botocore_sends_is_read_as_it_was_meant(service: str, name: str) -> None:
    operation = botocore_model(service).operation_model(name)
    for number in range(4):
        members = Randomly(f"{service}.{name} {number}").members(operation.input_shape)

        assert read(request_of(operation, members)) == (service, name, members)


@pytest.mark.parametrize(("service", "name"), [case for case in OPERATIONS if case[1] != "InvokeWithResponseStream"])
def test_what_we_write_is_what_botocore_reads(service: str, name: str) -> None:
    operation = botocore_model(service).operation_model(name)
    for number in range(4):
        members = Randomly(f"{service}.{name} {number}").members(operation.output_shape)
        members |= _status(operation.output_shape)
        response = codec.writer(load_model(service).operations[name])(members, REQUEST_ID)
        answer = parsed(response, operation.output_shape, load_model(service).protocol)
        metadata = answer.pop("ResponseMetadata")

        assert answer == members
        assert metadata["RequestId"] == REQUEST_ID
        assert metadata["HTTPStatusCode"] == response.status == _expected_status(service, name, members)


def _status(shape: Shape) -> Members:
    """A status that has a body."""
    located = shape.members.items() if shape else ()
    return {name: 202 for name, member in located if member.serialization.get("location") == "statusCode"}


def _expected_status(service: str, name: str, members: Members) -> int:
    operation = botocore_model(service).operation_model(name)
    return 202 if _status(operation.output_shape) else int(operation.http.get("responseCode", 200))


@pytest.mark.parametrize(("service", "shape"), ERRORS, ids=lambda value: getattr(value, "name", value))
def test_every_modelled_error_arrives_with_its_members(service: str, shape: Shape) -> None:
    members = Randomly(shape.name).members(shape)
    message = next((members.pop(name) for name in list(members) if name.lower() == "message"), "No.")
    response = codec.write_error(load_model(service), AwsError(shape.name, message, members), REQUEST_ID)
    protocol = load_model(service).protocol
    answer = parsed(response, None, protocol)
    error, metadata = answer["Error"], answer["ResponseMetadata"]

    assert (error["Code"], error["Message"]) == (shape.name, message)
    assert metadata["HTTPStatusCode"] == _error_status(shape)
    assert metadata["RequestId"] == REQUEST_ID
    assert parsed(response, shape, protocol).items() >= members.items()


def _error_status(shape: Shape) -> int:
    default = 500 if shape.name == "InternalException" else 400  # the protocol json names no statuses
    return int(shape.metadata.get("error", {}).get("httpStatusCode", default))


@pytest.mark.parametrize(
    ("service", "refusal", "body"),
    [
        ("lambda", AwsError("ResourceConflictException", "m"), {"Type": "User", "message": "m"}),
        ("lambda", AwsError("ServiceException", "m"), {"Type": "Service", "Message": "m"}),
        ("lambda", AwsError("InvalidParameterValueException", "m", {"Type": None}), {"Type": None, "message": "m"}),
        ("lambda", AwsError("NobodyKnowsException", "m", {"More": [1]}), {"message": "m", "More": [1]}),
        ("scheduler", AwsError("ConflictException", "m"), {"Message": "m"}),
        ("pipes", AwsError("ConflictException", "m", {"resourceId": None}), {"message": "m"}),
        ("schemas", AwsError("NotFoundException", "m"), {"Code": "NotFoundException", "Message": "m"}),
        ("events", AwsError("ManagedRuleException", "m"), {"__type": "ManagedRuleException", "message": "m"}),
    ],
)
def test_bodies_of_errors(service: str, refusal: AwsError, body: Members) -> None:
    assert json.loads(codec.write_error(load_model(service), refusal, REQUEST_ID).body) == body


@pytest.mark.parametrize(
    ("service", "refusal", "status"),
    [
        ("events", AwsError("AccessDeniedException", "m"), 400),
        ("lambda", AwsError("AccessDeniedException", "m"), 403),
        ("pipes", AwsError("ResourceNotFoundException", "m"), 404),
        ("lambda", AwsError("NobodyKnowsException", "m"), 400),
        ("lambda", AwsError("ResourceNotFoundException", "m", status=418), 418),
        ("events", AwsError("ResourceNotFoundException", "m", status=418), 418),
    ],
)
def test_statuses_of_errors_that_the_model_does_not_name(service: str, refusal: AwsError, status: int) -> None:
    assert codec.write_error(load_model(service), refusal, REQUEST_ID).status == status
