"""Ships an order that was charged.  The rule's input template decides what arrives here."""

from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    print("shipping order", event["order"], "charged at", event["charged_at"])
    return {"shipped": event["order"]}
