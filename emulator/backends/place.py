"""Where a neighbour is, when it is not moto: what `services:` in config.yaml says of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """`endpoint` is a URL; empty for the real AWS's own.  `real`: it is the real AWS, which is called with the user's
    own credentials."""

    endpoint: str = ""
    real: bool = False
