"""Takes what S3 and SNS send when they invoke a function themselves: a list of records."""

import json
from typing import Any
from urllib.parse import unquote_plus


def handler(event: dict[str, Any], context: Any) -> list[str]:
    return [describe(record) for record in event["Records"]]


def describe(record: dict[str, Any]) -> str:
    if "s3" in record:  # S3 sends keys as in a URL
        return f"{record['eventName']} {record['s3']['bucket']['name']}/{unquote_plus(record['s3']['object']['key'])}"
    message = json.loads(record["Sns"]["Message"])
    return f"{record['Sns']['Subject']} {message['id']}"
