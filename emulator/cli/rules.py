"""The rules of a bus, from a server or from the configuration, for explaining what an event does to them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.cli.client import Server

if TYPE_CHECKING:
    from emulator.config import Config

Rules = list[tuple[str, str]]
"""Names and patterns (JSON text)."""


def rules_of(server: Server, bus: str) -> Rules:
    """The enabled rules with a pattern on a bus of the server, by name."""
    return [
        (rule["Name"], rule["EventPattern"])
        for page in _pages(server, bus)
        for rule in page["Rules"]
        if rule.get("EventPattern") and rule["State"] != "DISABLED"
    ]


def rules_in(config: "Config") -> Rules:
    """Those of a configuration, on whatever bus."""
    return [(rule.name, rule.pattern) for rule in config.rules if rule.pattern and rule.state != "DISABLED"]


def _pages(server: Server, bus: str) -> Iterator[dict[str, list[dict[str, str]]]]:
    members = {"EventBusName": bus}
    while True:
        page = server.events("ListRules", members)
        yield page
        if not page.get("NextToken"):
            return
        members = {"EventBusName": bus, "NextToken": page["NextToken"]}
