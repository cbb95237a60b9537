"""What somebody may have meant who named a bus or a function that is not there, or a bus whose rules look elsewhere.

Asked of the server, and only after something has failed; so it may cost a few requests, and must never fail itself.
"""

import difflib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.cli import place
from emulator.cli.client import Server
from emulator.cli.exits import Failure
from emulator.cli.rules import rules_of

_MOST_BUSES = 50
_MOST_NAMES = 10

Names = Callable[[Server], list[str]]


def buses(server: Server) -> list[str]:
    return [bus["Name"] for bus in server.events("ListEventBuses", {})["EventBuses"]]


def functions(server: Server) -> list[str]:
    answer = server.send("GET", "/2015-03-31/functions", service="lambda")
    return [function["FunctionName"] for function in answer.json().get("Functions", ())]


def unknown(server: Server, name: str, names: Names, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Hints for a name that is not there: it may be misspelt, or be in another region or account."""
    try:
        known = names(server)
        near = difflib.get_close_matches(name.lower(), known, n=1)
        if near:
            yield f"did you mean {near[0]}?"
        for words, other in _elsewhere(server, environ):
            if name in names(other):
                yield f"there is one in {words}"
        if not near:
            region = place.region(environ)
            listed = ", ".join(known[:_MOST_NAMES]) + (", …" if len(known) > _MOST_NAMES else "")
            yield f"in {region} there is {listed}" if listed else f"in {region} there are none"
    except Failure:
        return


def hints(server: Server, way: Mapping[str, Any]) -> Iterator[str]:
    """What to try for an event that came to nothing: another bus."""
    if way["verdict"] == "unknown_bus":
        yield from unknown(server, way["bus"], buses)
        yield f"make it: name it in config.yaml, or aws events create-event-bus --name {way['bus']}"
    elif way["verdict"] == "unmatched":
        yield from _other_buses(server, way)


def refused(code: str, source: str) -> str:
    """A line on what to do when PutEvents does not take an entry, where AWS's own words leave that open."""
    if code == "NotAuthorizedForSourceException":
        instead = "run the function with one: ebl invoke FN --sample s3-object-created"
        return f"\n  events of AWS services ({source}) cannot be put, on AWS neither; {instead}"
    return "\n  DETAIL must be a JSON object: '{\"id\": 1}'" if code == "MalformedDetail" else ""


def _other_buses(server: Server, way: Mapping[str, Any]) -> Iterator[str]:
    """Those that have a rule for it."""
    from emulator.matching import compile_pattern, matches, parse_event

    event = parse_event(json.dumps(way["event"]))
    try:
        for bus in buses(server)[:_MOST_BUSES]:
            if bus != way["bus"] and any(matches(compile_pattern(text), event) for _, text in rules_of(server, bus)):
                yield f"bus {bus} has a rule that matches: --bus {bus}"
    except Failure:
        return


def _elsewhere(server: Server, environ: Mapping[str, str]) -> Iterator[tuple[str, Server]]:
    """Where else it could be: where the configuration makes things, and where everything is that names no place."""
    here = (place.region(environ), place.account(environ))
    bare = {name: value for name, value in environ.items() if not name.startswith("AWS_")}
    places = [(place.region(bare), place.account(bare)), (place.DEFAULT_REGION, place.DEFAULT_ACCOUNT)]
    for region, account in dict.fromkeys(places):
        if (region, account) != here:
            there = {"AWS_REGION": region, "AWS_ACCESS_KEY_ID": account}
            words = " ".join(f"{name}={value}" for name, value in there.items() if value not in here)
            yield f"{region}, account {account}: {words} reaches it", Server(server.url, {**bare, **there})
