import asyncio
import json
import logging
import random
from collections.abc import Mapping
from typing import Any

import pytest

from emulator.errors import AwsError
from emulator.wire.endpoint import Endpoint
from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.models import SERVICES, load_model
from emulator.wire.service import Call, Members, Scope, Service
from tests.wire.oracle import Randomly, authorization, botocore_model, request_of

events: Service[Call] = Service("events")
functions: Service[Call] = Service("lambda")


@events.operation("DescribeRule")
def describe_rule(call: Call, *, name: str, event_bus_name: str = "default") -> Members:
    if name == "missing":
        raise AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {event_bus_name}.")
    return {"Name": name, "CreatedBy": call.account, "Description": f"{call.region} {call.headers['x-amzn-trace-id']}"}


@events.operation("DeleteRule")
def delete_rule(call: Call, *, name: str) -> None:
    raise KeyError(name)


@events.operation("TestEventPattern")
async def test_event_pattern(call: Call, *, event_pattern: str, event: str) -> Members:
    return {"Result": True}


test_event_pattern.__test__ = False  # type: ignore[attr-defined]  # an operation, not a test


@events.operation("ListRules")
def list_rules(call: Call) -> Members:
    return {"Ruls": []}


@functions.operation("GetFunctionConcurrency")
def get_function_concurrency(call: Call, *, function_name: str) -> Members:
    if function_name == "missing":
        raise AwsError("ResourceNotFoundException", f"Function not found: {function_name}")
    return {}


@functions.operation("PutFunctionConcurrency")
def put_function_concurrency(call: Call, *, function_name: str, reserved_concurrent_executions: int) -> Members:
    return {"ReservedConcurrentExecutions": reserved_concurrent_executions}


@functions.operation("DeleteFunction")
def delete_function(call: Call, *, function_name: str) -> Members:
    return {}


@functions.operation("Invoke")
def invoke(call: Call, *, function_name: str, payload: bytes = b"{}", invocation_type: str = "") -> Members:
    return {"StatusCode": 202} if invocation_type == "Event" else {"StatusCode": 200, "Payload": payload}


def make_call(scope: Scope, request_id: str, headers: Mapping[str, str]) -> Call:
    return Call(scope=scope, request_id=request_id, headers=headers)


ENDPOINT = Endpoint({"events": events, "lambda": functions}, make_call)
TRACE = {"x-amzn-trace-id": "Root=1"}


def ask(request: HttpRequest) -> HttpResponse:
    return asyncio.run(ENDPOINT.handle(request))


def json_request(target: str, body: bytes, *, key: str = "test", region: str = "us-east-1") -> HttpRequest:
    signed = authorization("events", key, region)
    return HttpRequest("POST", "/", "", {"x-amz-target": target, "authorization": signed, **TRACE}, body)


def rest_request(method: str, path: str, body: bytes = b"", service: str = "lambda", **headers: str) -> HttpRequest:
    return HttpRequest(method, path, "", {"authorization": authorization(service), **headers}, body)


def header(response: HttpResponse, name: str) -> str | None:
    return dict(response.headers).get(name)


def test_json() -> None:
    response = ask(json_request("AWSEvents.DescribeRule", b'{"Name":"r"}', key="111122223333", region="eu-west-1"))

    assert response.status == 200
    assert response.body == b'{"Name":"r","Description":"eu-west-1 Root=1","CreatedBy":"111122223333"}'
    assert header(response, "Content-Type") == "application/x-amz-json-1.1"
    assert len(header(response, "x-amzn-RequestId") or "") == 36


def test_a_refusal_in_json() -> None:
    response = ask(json_request("AWSEvents.DescribeRule", b'{"Name":"missing"}'))

    message = "Rule missing does not exist on EventBus default."
    assert (response.status, json.loads(response.body)) == (
        400,
        {"__type": "ResourceNotFoundException", "message": message},
    )


def test_a_service_that_is_none_of_ours_is_named_so_that_every_sdk_can_read_it() -> None:
    response = ask(rest_request("GET", "/bucket", service="s3"))

    assert (response.status, header(response, "x-amzn-ErrorType")) == (501, "UnknownServiceException")
    assert b"<Code>UnknownServiceException</Code><Message>There is no service 's3' here" in response.body


def test_a_presigned_query_that_is_broken_is_refused() -> None:
    response = ask(HttpRequest("GET", "/bucket", "XX-Amz-Credential=a&X-Amz-Credentials=b"))
    assert response.status == 403


def test_an_async_handler() -> None:
    response = ask(json_request("AWSEvents.TestEventPattern", b'{"EventPattern":"{}","Event":"{}"}'))

    assert (response.status, response.body) == (200, b'{"Result":true}')


@pytest.mark.parametrize(
    ("request_", "status", "error_type", "body"),
    [
        (
            rest_request("GET", "/2019-09-30/functions/missing/concurrency"),
            404,
            "ResourceNotFoundException",
            {"Type": "User", "Message": "Function not found: missing"},
        ),
        (
            rest_request("PUT", "/2017-10-31/functions/f/concurrency", b'{"ReservedConcurrentExecutions":true}'),
            400,
            "SerializationException",
            {"Message": "TRUE_VALUE can not be converted to an Integer"},
        ),
        (
            rest_request("PUT", "/2017-10-31/functions/f/concurrency", b"{}"),
            400,
            "ValidationException",
            {
                "message": "1 validation error detected: Value null at 'reservedConcurrentExecutions' failed to "
                "satisfy constraint: Member must not be null"
            },
        ),
        (
            rest_request("GET", "/2015-03-31/functions/f"),
            501,
            "NotImplementedException",
            {"message": "lambda:GetFunction is not emulated."},
        ),
        (
            rest_request("GET", "/schedules/s", service="scheduler"),
            501,
            "NotImplementedException:http://internal.amazon.com/coral/com.amazonaws.chronos/",
            {"message": "scheduler:GetSchedule is not emulated."},
        ),
        (
            rest_request("GET", "/2015-03-31/nothing"),
            404,
            "UnknownOperationException",
            {"message": "GET /2015-03-31/nothing: lambda has no such operation."},
        ),
    ],
)
def test_refusals_in_rest(request_: HttpRequest, status: int, error_type: str, body: dict[str, str]) -> None:
    response = ask(request_)

    assert (response.status, header(response, "x-amzn-ErrorType")) == (status, error_type)
    assert json.loads(response.body) == body
    assert header(response, "Content-Type") == "application/json"
    assert header(response, "x-amzn-RequestId")


@pytest.mark.parametrize(
    ("request_", "status", "body", "content_type"),
    [
        (
            rest_request("GET", "/2019-09-30/functions/f/concurrency"),
            200,
            b'{"ReservedConcurrentExecutions":null}',  # recorded: Lambda writes what is not set
            "application/json",
        ),
        (rest_request("DELETE", "/2015-03-31/functions/f"), 204, b"", None),
        (rest_request("POST", "/2015-03-31/functions/f/invocations", b"[1, 2]"), 200, b"[1, 2]", "application/json"),
        (
            rest_request("POST", "/2015-03-31/functions/f/invocations", b"[]", **{"x-amz-invocation-type": "Event"}),
            202,
            b"",
            None,
        ),
    ],
)
def test_answers_in_rest(request_: HttpRequest, status: int, body: bytes, content_type: str | None) -> None:
    response = ask(request_)

    assert (response.status, response.body, header(response, "Content-Type")) == (status, body, content_type)


@pytest.mark.parametrize("target", ["AWSEvents.DeleteRule", "AWSEvents.ListRules"])
def test_our_own_mistake_is_a_500_with_a_traceback(target: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = ask(json_request(target, b'{"Name":"r"}'))

    assert (response.status, json.loads(response.body)["__type"]) == (500, "InternalException")
    assert "Traceback" in caplog.text
    assert (header(response, "x-amzn-RequestId") or "nothing") in caplog.text


DEEP = 100_000
NOT_READABLE = [
    b"{",
    b"nothing",
    b"\xff\xfe",
    b'{"Name":"\xff"}',
    b"[]",
    b'"Name"',
    b"null",
    b'{"Name":1}',
    b'{"Name":["r"]}',
    b'{"Name":{}}',
    b'{"Name":NaN}',
    b'{"Name":Infinity}',
    b"[" * DEEP,
    b'{"Name":' * DEEP,
    b"[" * DEEP + b"]" * DEEP,
    b'{"Limit":' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", NOT_READABLE, ids=range(len(NOT_READABLE)))
def test_what_cannot_be_read_is_a_serialization_exception(body: bytes) -> None:
    response = ask(json_request("AWSEvents.DescribeRule", body))
    in_rest = ask(
        rest_request(
            "PUT", "/2017-10-31/functions/f/concurrency", body.replace(b"Name", b"ReservedConcurrentExecutions")
        )
    )

    assert (response.status, json.loads(response.body)["__type"]) == (400, "SerializationException")
    if body != b'{"Name":1}':
        assert (in_rest.status, header(in_rest, "x-amzn-ErrorType")) == (400, "SerializationException")


@pytest.mark.parametrize("number", ["1.5", "9223372036854775808", "1e400", '"1"', "[]", "{}", "false"])
def test_numbers_that_are_no_integers(number: str) -> None:
    body = f'{{"ReservedConcurrentExecutions":{number}}}'.encode()

    assert ask(rest_request("PUT", "/2017-10-31/functions/f/concurrency", body)).status == 400


@pytest.mark.parametrize(("number", "read"), [("5.0", 5), ("1e3", 1000), ("2147483648", 2**31)])
def test_numbers_that_are(number: str, read: int) -> None:
    body = f'{{"ReservedConcurrentExecutions":{number}}}'.encode()

    answer = json.loads(ask(rest_request("PUT", "/2017-10-31/functions/f/concurrency", body)).body)
    assert answer == {"ReservedConcurrentExecutions": read}


def test_half_a_character_is_read_as_java_writes_it() -> None:
    response = ask(json_request("AWSEvents.DescribeRule", b'{"Name":"r","Unknown":["\\ud800"],"EventBusName":"a"}'))

    assert response.status == 200
    response = ask(
        json_request("AWSEvents.TestEventPattern", b'{"EventPattern":"\\uD83D\\uDE00 \\ud83d","Event":"{}"}')
    )
    assert response.status == 200


def test_nothing_that_comes_in_brings_the_endpoint_down() -> None:
    everywhere = Endpoint({name: _everything(name) for name in SERVICES}, make_call)
    chance = random.Random(20261001)
    statuses = set()
    for service in SERVICES:
        for name in load_model(service).operations:
            operation = botocore_model(service).operation_model(name)
            request = request_of(operation, Randomly(name).members(operation.input_shape))
            broken = _broken(request, chance)
            statuses.add(asyncio.run(everywhere.handle(broken)).status)

    assert statuses <= {200, 201, 202, 204, 400, 403, 404, 501}


def _everything(service: str) -> Service[Call]:
    """Every operation, done by a handler that takes what it is given."""
    made: Service[Call] = Service(service)
    for name, operation in load_model(service).operations.items():
        parameters = ", ".join(f"{parameter}=None" for parameter in operation.parameters.values())
        scope: dict[str, Any] = {}
        exec(
            f"def handler(call, *, {parameters}): return {{}}" if parameters else "def handler(call): return {}", scope
        )
        made.operation(name)(scope["handler"])
    return made


def _broken(request: HttpRequest, chance: random.Random) -> HttpRequest:
    body = bytearray(request.body)
    for _ in range(chance.randint(1, 4)):
        if body:
            body[chance.randrange(len(body))] = chance.choice(b'{}[]",:0e.\\\xff\x00n')
    query = request.query.replace("=", chance.choice(["=", "%", "=%ff", "&"]))
    path = request.path.replace("/", chance.choice(["/", "//", "/%ff"]), chance.randint(0, 3))
    return HttpRequest(request.method, path, query, request.headers, bytes(body))
