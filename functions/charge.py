"""Charges an order that was placed, and says so with an event of its own."""

import json
import os
from typing import Any

import boto3


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    order = event["detail"]
    print("charging order", order["id"])
    charged = {"id": order["id"], "amount": order.get("amount", 0)}
    boto3.client("events").put_events(
        Entries=[
            {"Source": "billing", "DetailType": "Charged", "Detail": json.dumps(charged), "EventBusName": "orders"}
        ]
    )
    return {"ok": True, "table": os.environ["TABLE"]}
