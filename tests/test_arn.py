"""ARNs: parse and build."""

import pytest

from emulator.arn import Arn


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:events:us-east-1:000000000000:rule/orders/paid",
        "arn:aws:lambda:us-east-1:000000000000:function:charge:1",
        "arn:aws:s3:::bucket",
        "arn:aws-cn:sqs:cn-north-1:000000000000:q",
    ],
)
def test_what_is_parsed_is_built_again(text: str) -> None:
    assert str(Arn.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "x", "arn", "arn:aws:sqs", "arn:aws:sqs:r:a:", "arn::sqs:r:a:q", "urn:aws:s3:::b"]
)
def test_what_is_no_arn(text: str) -> None:
    assert Arn.parse(text) is None
