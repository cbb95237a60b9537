"""Which sender a target's ARN belongs to."""

import pytest

from emulator.delivery.senders import Senders, kind_of


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:lambda:us-east-1:000000000000:function:charge", "lambda:function"),
        ("arn:aws:lambda:us-east-1:000000000000:function:charge:live", "lambda:function"),
        ("arn:aws:events:us-east-1:000000000000:event-bus/orders", "events:event-bus"),
        ("arn:aws:sqs:us-east-1:000000000000:orders", "sqs"),
        ("arn:aws:lambda:us-east-1:000000000000:function/charge", "lambda"),
        ("charge", None),
        ("arn:aws:sqs", None),
        ("arn:aws:sqs:us-east-1:000000000000:", None),
    ],
)
def test_kind_of(arn: str, kind: str | None) -> None:
    assert kind_of(arn) == kind


def test_a_target_that_nobody_delivers_to_is_refused_with_a_sentence() -> None:
    refused = Senders({}).refusal("arn:aws:sqs:us-east-1:000000000000:orders")
    assert refused is not None
    assert "sqs yet" in refused
