"""Runs for each picture that is uploaded: S3 tells EventBridge, a rule picks the pictures."""

from pathlib import PurePosixPath
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    bucket, key = event["detail"]["bucket"]["name"], event["detail"]["object"]["key"]
    thumbnail = str(PurePosixPath("thumbnails") / PurePosixPath(key).with_suffix(".webp"))
    print(f"s3://{bucket}/{key} -> {thumbnail}")
    return {"bucket": bucket, "key": key, "thumbnail": thumbnail}
