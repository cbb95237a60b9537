"""An ordinary Lambda handler: nothing of the emulator is imported."""

import os


def handler(event, context):
    order = event["detail"]
    print("charging order", order["id"])
    return {"ok": True, "table": os.environ["TABLE"]}
