import json

from tests.runtime.running import ARN, Running


def test_the_context_says_what_aws_says(running: Running) -> None:
    function = running.function(
        """
        def handler(event, context):
            return {
                name: getattr(context, name)
                for name in ("aws_request_id", "function_name", "function_version", "invoked_function_arn",
                             "memory_limit_in_mb", "log_group_name", "client_context", "tenant_id")
            } | {
                "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
                "stream": context.log_stream_name,
                "w3c": context.w3c(),
            }
        """,
        memory_mb=256,
    )
    outcome = running.run(function)
    assert outcome.function_error is None, outcome.log
    found = json.loads(outcome.payload)
    stream = found.pop("stream")
    assert found == {
        "aws_request_id": outcome.request_id,
        "function_name": "charge",
        "function_version": "$LATEST",
        "invoked_function_arn": f"{ARN}charge",
        "memory_limit_in_mb": "256",
        "log_group_name": "/aws/lambda/charge",
        "client_context": None,
        "tenant_id": None,
        "identity": [None, None],
        "w3c": {},
    }
    date, _, rest = stream.rpartition("/")
    assert len(date.split("/")) == 3
    assert rest.startswith("[$LATEST]")
    assert len(rest) == len("[$LATEST]") + 32


def test_the_client_context_arrives_as_an_object(running: Running) -> None:
    function = running.function(
        """
        def handler(event, context):
            given = context.client_context
            return [given.custom, given.env, given.client.app_title, given.client.installation_id, context.w3c()]
        """
    )
    sent = {"custom": {"a": 1}, "client": {"app_title": "shop"}, "w3c": {"traceparent": "00-1", "other": "x"}}
    found = running.result(function, client_context=json.dumps(sent))
    assert found == [{"a": 1}, None, "shop", None, {"traceparent": "00-1"}]


def test_a_client_context_that_is_no_json(running: Running) -> None:
    function = running.function("def handler(event, context): ...")
    error = running.error(function, client_context="{")
    assert error["errorType"] == "Runtime.LambdaContextUnmarshalError"
    assert error["errorMessage"].startswith("Unable to parse Client Context JSON: Expecting property name")


def test_the_remaining_time_runs_down_from_the_timeout(running: Running) -> None:
    function = running.function(
        "def handler(event, context): return context.get_remaining_time_in_millis()", timeout=30.0
    )
    assert 20_000 < running.result(function) <= 30_000


def test_context_log_writes_into_the_log(running: Running) -> None:
    outcome = running.run(running.function("def handler(event, context): context.log(['plain'])"))
    assert "\n['plain']\nEND RequestId" in outcome.log


def test_repr(running: Running) -> None:
    shown = running.result(running.function("def handler(event, context): return repr(context)"))
    assert shown.startswith("LambdaContext([aws_request_id=8f31c2aa-0000-4000-8000-000000000001,log_group_name=/aws")
    identity = "identity=CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None])"
    assert shown.endswith(f"client_context=None,{identity},tenant_id=None])")
