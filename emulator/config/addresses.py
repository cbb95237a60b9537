"""Where dead letters and records of a function go: from the short forms to addresses."""

import re

from emulator.arn import Arn
from emulator.config.problems import Problems
from emulator.config.result import Address
from emulator.config.shapes import DeadLetterShape, DestinationShape
from emulator.config.yaml_source import KeyPath

QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
BAD_QUEUE = "a queue's name has 1 to 80 letters, digits and - _, as on AWS"


def letters_to(shape: DeadLetterShape | None, path: KeyPath, problems: Problems) -> Address:
    """The queue of a `dlq`, given by its name or ARN."""
    if shape is None:
        return Address()
    arn = Arn.parse(shape.queue)
    if arn is not None:
        if arn.service != "sqs":
            problems.add(path, "dead letters go to a queue of SQS; topics are not emulated yet")
        return Address(arn=shape.queue)
    if not QUEUE_NAME.fullmatch(shape.queue):
        problems.add(path, BAD_QUEUE)
    return Address(sqs=shape.queue)


def destination(shape: DestinationShape | None, path: KeyPath, problems: Problems) -> Address:
    """Where the record of an asynchronous invocation goes."""
    if shape is None:
        return Address()
    given = {name: value for name, value in shape.model_dump().items() if value}
    if len(given) != 1:
        problems.add(path, "give one of function, sqs, bus, arn")
    arn = Arn.parse(shape.arn or "")
    if shape.arn and (arn is None or arn.service not in ("lambda", "sqs", "events")):
        problems.add((*path, "arn"), "should be the ARN of a function, a queue or an event bus")
    if shape.sqs and not QUEUE_NAME.fullmatch(shape.sqs):
        problems.add((*path, "sqs"), BAD_QUEUE)
    return Address(**given)
