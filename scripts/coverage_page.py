"""Writes docs/coverage.md: every operation of the services' models, and what the emulator does with it.

python scripts/coverage_page.py > docs/coverage.md
"""

from collections.abc import Iterator, Mapping

from emulator.services.call import Call
from emulator.services.events import events
from emulator.services.lambda_ import lambda_api
from emulator.wire.models import load_model
from emulator.wire.service import Service

TITLES = {
    "events": "EventBridge",
    "lambda": "Lambda",
    "scheduler": "EventBridge Scheduler",
    "pipes": "EventBridge Pipes",
    "schemas": "EventBridge Schemas",
}
SERVICES: Mapping[str, Service[Call]] = {"events": events, "lambda": lambda_api}


def page() -> str:
    """The whole page, Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What is emulated"
    yield ""
    yield "Generated from the operation tables by `scripts/coverage_page.py`; a test says when it is stale."
    yield ""
    yield "An operation that is not emulated answers 501 in the service's own error shape and names itself. A member"
    yield "that is *ignored* is accepted and checked against AWS's constraints, and has no effect yet."
    for name, title in TITLES.items():
        yield from _service(name, title)


def _service(name: str, title: str) -> Iterator[str]:
    service: Service[Call] = SERVICES.get(name) or Service(name)
    operations = sorted(load_model(name).operations)
    yield ""
    yield f"## {title} (`{name}`): {len(service.emulated)} of {len(operations)} operations"
    yield ""
    if service.emulated:
        yield "| operation | ignored members |"
        yield "|---|---|"
        for operation in sorted(service.emulated):
            ignored = ", ".join(f"`{member}`" for member in service.emulated[operation].ignored)
            yield f"| {operation} | {ignored} |"
        yield ""
    missing = [operation for operation in operations if operation not in service.emulated]
    if missing:
        yield f"Not emulated: {', '.join(missing)}."


if __name__ == "__main__":
    print(page(), end="")
