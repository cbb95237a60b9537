"""The services of AWS that are answered by somebody else than moto: `services:` of the file."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from emulator.backends.names import OURS, SIGNED
from emulator.backends.place import Place
from emulator.config.problems import Problems, suggestion
from emulator.config.shapes import FileShape, ServiceShape
from emulator.config.yaml_source import KeyPath
from emulator.runtime.real_aws import service_of
from emulator.wire.models import known_services


def build_services(shape: FileShape, problems: Problems) -> Mapping[str, Place]:
    places = {}
    for name, item in shape.services.items():
        path: KeyPath = ("services", name)
        problem = _not_one_of_theirs(name)
        if problem:
            problems.add(path, problem, at_key=True)
        places[name] = _place(item, path, problems)
    return places


def _not_one_of_theirs(name: str) -> str:
    if name in OURS:
        return "is a service that EventBridge Local has itself; only the others can be elsewhere"
    known = known_services()
    if name in known:
        return ""
    near = SIGNED.get(name) or suggestion(name, known)
    return f"there is no service '{name}'" + (f"; did you mean '{near}'?" if near else " among those of boto3")


def _place(item: ServiceShape, path: KeyPath, problems: Problems) -> Place:
    if not item.endpoint:
        if not item.real and not problems.within(path):
            problems.add(path, "give it an endpoint, or `real: true` for the real AWS")
        return Place(real=item.real)
    host = _host(item.endpoint)
    if host is None:
        problems.add((*path, "endpoint"), f"should be a URL such as http://elasticmq:9324, not '{item.endpoint}'")
        return Place(item.endpoint)
    return Place(item.endpoint, item.real or service_of(host) is not None)


def _host(endpoint: str) -> str | None:
    try:
        url = urlsplit(endpoint)
        usable = url.scheme in ("http", "https") and not url.query and not url.fragment and not url.username
        return url.hostname if usable and (url.port is None or url.port > 0) else None
    except ValueError:
        return None
