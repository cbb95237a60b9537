from urllib.parse import quote

import pytest

from emulator.errors import AwsError
from emulator.wire.http import HttpRequest
from emulator.wire.models import SERVICES, load_model
from emulator.wire.router import Credential, credential, model_of, route
from tests.wire.oracle import authorization

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
FUNCTION = quote(ARN, safe="")
GROUP = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/g"


def request(method: str = "POST", path: str = "/", query: str = "", **headers: str) -> HttpRequest:
    return HttpRequest(method, path, query, {name.replace("_", "-"): value for name, value in headers.items()})


def found(asked: HttpRequest) -> tuple[str, str, dict[str, str]]:
    model = model_of(asked, credential(asked).service)
    way = route(model, asked)
    return model.service, way.operation.name, dict(way.labels)


@pytest.mark.parametrize(
    ("service", "method", "path", "query", "operation", "labels"),
    [
        ("lambda", "GET", "/2015-03-31/functions", "", "ListFunctions", {}),
        ("lambda", "GET", "/2015-03-31/functions/", "", "ListFunctions", {}),
        ("lambda", "POST", "/2015-03-31/event-source-mappings/", "", "CreateEventSourceMapping", {}),
        ("lambda", "GET", "/2016-08-19/account-settings/", "", "GetAccountSettings", {}),
        ("lambda", "POST", "/2015-03-31/functions/f/invocations", "", "Invoke", {"FunctionName": "f"}),
        ("lambda", "POST", f"/2015-03-31/functions/{FUNCTION}/invocations", "", "Invoke", {"FunctionName": ARN}),
        ("lambda", "POST", f"/2015-03-31/functions/{ARN}/invocations", "", "Invoke", {"FunctionName": ARN}),
        ("lambda", "POST", "/2014-11-13/functions/f/invoke-async", "", "InvokeAsync", {"FunctionName": "f"}),
        ("lambda", "POST", "/2014-11-13/functions/f/invoke-async/", "", "InvokeAsync", {"FunctionName": "f"}),
        ("lambda", "GET", "/2015-03-31/functions/a%2Fb%20c%25", "", "GetFunction", {"FunctionName": "a/b c%"}),
        (
            "lambda",
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency",
            "List=ALL&MaxItems=1",
            "ListProvisionedConcurrencyConfigs",
            {"FunctionName": "f"},
        ),
        (
            "lambda",
            "GET",
            "/2019-09-30/functions/f/provisioned-concurrency",
            "Qualifier=live",
            "GetProvisionedConcurrencyConfig",
            {"FunctionName": "f"},
        ),
        ("lambda", "GET", "/2018-10-31/layers", "find=LayerVersion&Arn=x", "GetLayerVersionByArn", {}),
        ("lambda", "GET", "/2018-10-31/layers", "", "ListLayers", {}),
        ("lambda", "GET", f"/2017-03-31/tags/{FUNCTION}", "", "ListTags", {"Resource": ARN}),
        ("scheduler", "GET", f"/tags/{quote(GROUP, safe='')}", "", "ListTagsForResource", {"ResourceArn": GROUP}),
        ("pipes", "GET", f"/tags/{quote(GROUP, safe='')}", "", "ListTagsForResource", {"resourceArn": GROUP}),
        ("schemas", "GET", f"/tags/{quote(GROUP, safe='')}", "", "ListTagsForResource", {"resource-arn": GROUP}),
    ],
)
def test_paths(service: str, method: str, path: str, query: str, operation: str, labels: dict[str, str]) -> None:
    asked = request(method, path, query, authorization=authorization(service))

    assert found(asked) == (service, operation, labels)


def test_every_operation_of_a_rest_service_is_found_on_its_own_path() -> None:
    for service in SERVICES:
        model = load_model(service)
        for operation in model.operations.values():
            path, _, query = operation.uri.partition("?")
            asked = request(operation.method, path.replace("{", "").replace("+}", "").replace("}", ""), query)
            if model.protocol == "rest-json":
                assert route(model, asked).operation is operation


def test_the_target_names_an_operation_of_json() -> None:
    signed = authorization("events")

    assert found(request(x_amz_target="AWSEvents.PutEvents", authorization=signed)) == ("events", "PutEvents", {})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (request(x_amz_target="AWSEvents.ListRules"), ("events", "ListRules", {})),
        (request("GET", "/2015-03-31/functions/f"), ("lambda", "GetFunction", {"FunctionName": "f"})),
        (request("GET", "/schedules/s"), ("scheduler", "GetSchedule", {"Name": "s"})),
        (request("GET", "/v1/pipes"), ("pipes", "ListPipes", {})),
    ],
)
def test_without_a_signature_the_target_or_an_unambiguous_path_decides(
    asked: HttpRequest, expected: tuple[str, str, dict[str, str]]
) -> None:
    assert found(asked) == expected


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        (request("GET", "/tags/x"), "MissingAuthenticationTokenException", "GET /tags/x"),
        (request("GET", "/nowhere"), "MissingAuthenticationTokenException", "GET /nowhere"),
        (request(x_amz_target="Other.Do"), "MissingAuthenticationTokenException", "Other.Do"),
        (request(authorization=authorization("s3")), "UnknownServiceException", "'s3'"),
        (request(authorization=authorization("events")), "UnknownOperationException", "POST /"),
        (
            request(authorization=authorization("events"), x_amz_target="AWSEvents.Fly"),
            "UnknownOperationException",
            "AWSEvents.Fly",
        ),
        (
            request(authorization=authorization("events"), x_amz_target="AWSOther.PutEvents"),
            "UnknownOperationException",
            "AWSOther.PutEvents",
        ),
        (
            request("PATCH", "/2015-03-31/functions/", authorization=authorization("lambda")),
            "UnknownOperationException",
            "PATCH /2015-03-31/functions/",
        ),
        (
            request("POST", "/2015-03-31/functions//invocations", authorization=authorization("lambda")),
            "UnknownOperationException",
            "/2015-03-31/functions//invocations",
        ),
    ],
)
def test_what_is_not_there_is_named(asked: HttpRequest, code: str, says: str) -> None:
    with pytest.raises(AwsError) as refusal:
        found(asked)

    assert refusal.value.code == code
    assert says in refusal.value.message


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (request(authorization=authorization("events")), Credential("events", "000000000000", "us-east-1", "test")),
        (
            request(authorization=authorization("lambda", "111122223333", "eu-west-1")),
            Credential("lambda", "111122223333", "eu-west-1", "111122223333"),
        ),
        (request(authorization=authorization("lambda", "11112222333")), Credential("lambda", key="11112222333")),
        (
            request(authorization="AWS4-HMAC-SHA256 Credential=111122223333/20261001/eu-west-1/events/aws4_request"),
            Credential("events", "111122223333", "eu-west-1", "111122223333"),
        ),
        (
            request(
                authorization="AWS4-ECDSA-P256-SHA256 Credential=AKID/20261001/events/aws4_request, SignedHeaders=host",
                x_amz_region_set="*",
            ),
            Credential("events", key="AKID"),
        ),
        (
            request(
                query="X-Amz-Algorithm=A&X-Amz-Credential=111122223333%2F20261001%2Feu-west-1%2Fevents%2Faws4_request"
            ),
            Credential("events", "111122223333", "eu-west-1", "111122223333"),
        ),
        (request(), Credential(None)),
        (request(authorization="Bearer token"), Credential(None)),
        (request(authorization="AWS4-HMAC-SHA256 Credential=nothing"), Credential(None)),
    ],
)
def test_account_and_region_come_from_the_credential_scope(asked: HttpRequest, expected: Credential) -> None:
    assert credential(asked) == expected
