"""InputTemplate: which templates AWS admits, and the body that one makes of an event.  Pure.

A placeholder is `<name>`: a key of InputPathsMap or a reserved variable.  An *object template* (its first character is
`{`) renders placeholders as JSON values; every other template (quoted text, lines of quoted texts, an array, a bare
placeholder) pastes them as plain text, all quotes removed.  Recorded on AWS, 2024-2026.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emulator.clock import iso_millis
from emulator.transform.context import Input, InputContext
from emulator.transform.faults import InvalidRendering, InvalidTransform
from emulator.transform.paths import MISSING, InvalidPath, compile_path
from emulator.transform.text import compact, fault, is_json, is_lines, location, quoted

Read = Callable[[InputContext], Any]
"""The value of a variable, or MISSING."""

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")
_STRING_OR_PLACEHOLDER = re.compile(rf'"(?:[^"\\]|\\.)*+"?|{_PLACEHOLDER.pattern}', re.DOTALL)
_COLON = re.compile(r"\s*+:")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`<name>` at `start` up to `end`; `in_string`: between quotes; `in_key`: in the name of an object's field."""

    name: str
    start: int
    end: int
    in_string: bool
    in_key: bool


def check_template(target_id: str, template: str, paths: Mapping[str, str]) -> None:
    """Raises InvalidTransform unless PutTargets would admit the template with this InputPathsMap."""
    for path in paths.values():
        try:
            compile_path(path)
        except InvalidPath:
            raise InvalidTransform(f"InputPath for target {target_id} is invalid.") from None
    placeholders = list(_placeholders(template))
    for placeholder in placeholders:
        _check_name(target_id, template, placeholder, paths)
    plain, index = _plain(_pieces(template, placeholders))
    if index is None and not is_lines(plain):
        index = fault(plain)
    if index is not None:
        # not recorded: the words are those that users quote, the place is where Jackson would see it
        raise InvalidTransform(f"Invalid InputTemplate for target {target_id} : {location(plain, index)}.")


def _check_name(target_id: str, template: str, placeholder: Placeholder, paths: Mapping[str, str]) -> None:
    name = placeholder.name
    if name not in paths and name not in RESERVED:
        raise InvalidTransform(f"InputTemplate for target {target_id} contains invalid placeholder {name}.")
    if name in WHOLE_EVENT and not (_is_object(template) and _is_field_value(template, placeholder)):
        raise InvalidTransform(
            f"InputTemplate for target {target_id} contains placeholder {name} valid only for JSON template."
        )


def _is_object(template: str) -> bool:
    return template.lstrip().startswith("{")


def _is_field_value(template: str, placeholder: Placeholder) -> bool:
    return not placeholder.in_string and template[: placeholder.start].rstrip().endswith(":")


def _placeholders(template: str) -> Iterator[Placeholder]:
    for found in _STRING_OR_PLACEHOLDER.finditer(template):
        if found[1] is not None:
            yield Placeholder(found[1], found.start(), found.end(), in_string=False, in_key=False)
            continue
        in_key = _COLON.match(template, found.end()) is not None
        for inner in _PLACEHOLDER.finditer(template, found.start(), found.end()):
            yield Placeholder(inner[1], inner.start(), inner.end(), in_string=True, in_key=in_key)


def _pieces(template: str, placeholders: list[Placeholder]) -> Iterator[str | Placeholder]:
    """The template in order: text, placeholder, text, …, text."""
    at = 0
    for placeholder in placeholders:
        yield template[at : placeholder.start]
        yield placeholder
        at = placeholder.end
    yield template[at:]


def _plain(pieces: Iterable[str | Placeholder]) -> tuple[str, int | None]:
    """The template with stand-ins for its placeholders, and the index of the first one in a key (never admitted)."""
    plain, index = "", None
    for piece in pieces:
        if isinstance(piece, str):
            plain += piece
            continue
        if piece.in_key and index is None:
            index = len(plain)
        plain += "variable" if piece.in_string else "null"
    return plain, index


def compile_template(template: str, paths: Mapping[str, str]) -> Input:
    """An admitted template, ready to render; the Input raises InvalidRendering."""
    pieces = list(_pieces(template, list(_placeholders(template))))
    render = _object_template if _is_object(template) else _text_template
    skeleton = [piece if isinstance(piece, str) else "" for piece in pieces]
    slots = [
        (index, piece.in_string, _reader(piece.name, paths))
        for index, piece in enumerate(pieces)
        if isinstance(piece, Placeholder)
    ]
    return render(skeleton, slots)


def _reader(name: str, paths: Mapping[str, str]) -> Read:
    if name in RESERVED:
        return RESERVED[name]
    walk = compile_path(paths[name])
    return lambda context: walk(context.event)


def _object_template(skeleton: list[str], slots: list[tuple[int, bool, Read]]) -> Input:
    values = [
        (index, read, str if read is _event_text else _as_value) for index, in_string, read in slots if not in_string
    ]
    texts = [(index, read) for index, in_string, read in slots if in_string]

    def render(context: InputContext) -> str:
        parts = skeleton.copy()
        for index, read, write in values:
            parts[index] = write(read(context))
        sound = True  # whatever goes in keeps the template JSON, except an object or array between quotes
        for index, read in texts:
            value = read(context)
            parts[index] = _in_string(value)
            sound = sound and not isinstance(value, (dict, list))
        body = "".join(parts)
        if sound or is_json(body):
            return body
        raise InvalidRendering(body)

    return render


def _as_value(value: Any) -> str:
    if type(value) is str:
        return quoted(value)
    return '""' if value is MISSING else compact(value)


def _in_string(value: Any) -> str:
    if type(value) is str:
        return quoted(value)[1:-1]
    return "" if value is MISSING else compact(value)


def _text_template(skeleton: list[str], slots: list[tuple[int, bool, Read]]) -> Input:
    reads = [(index, read) for index, _, read in slots]

    def render(context: InputContext) -> str:
        parts = skeleton.copy()
        for index, read in reads:
            parts[index] = _as_text(read(context))
        body = "".join(parts)
        if not body or is_json(body) or is_lines(body):
            return body
        raise InvalidRendering(body)

    return render


def _as_text(value: Any) -> str:
    if type(value) is str:
        return value
    return "" if value is MISSING else compact(value).replace('"', "")


def _event_text(context: InputContext) -> str:
    """`aws.events.event.json`: admitted as the value of a field only, where it goes in as it is."""
    return context.event_text


def _header(context: InputContext) -> dict[str, Any]:
    """`aws.events.event`: the event without its detail, in an older spelling; `time` in milliseconds."""
    event = context.event
    return {
        "id": event["id"],
        "account": event["account"],
        "detailType": event["detail-type"],
        "time": int(datetime.fromisoformat(event["time"]).timestamp()) * 1000,
        "source": event["source"],
        "region": event["region"],
        "resources": event["resources"],
        "version": event["version"],
    }


RESERVED: Mapping[str, Read] = {
    "aws.events.rule-arn": lambda context: context.rule_arn,
    "aws.events.rule-name": lambda context: context.rule_name,
    "aws.events.event.ingestion-time": lambda context: iso_millis(context.ingestion_time),
    "aws.events.event.json": _event_text,
    "aws.events.event": _header,
}
WHOLE_EVENT = ("aws.events.event.json", "aws.events.event")
