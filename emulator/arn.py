"""Amazon Resource Names: parse and build."""

from dataclasses import dataclass

PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`; `resource` is everything after the fifth colon.

    >>> Arn.parse("arn:aws:events:us-east-1:000000000000:rule/orders/paid").resource
    'rule/orders/paid'
    """

    service: str
    region: str
    account: str
    resource: str
    partition: str = PARTITION

    @classmethod
    def parse(cls, text: str) -> "Arn | None":
        """The parts of `text`, or None when it is no ARN."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
            return None
        return cls(service=parts[2], region=parts[3], account=parts[4], resource=parts[5], partition=parts[1])

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"
