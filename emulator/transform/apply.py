"""A target's input: nothing (the event itself), Input, InputPath or InputTransformer.  Pure.

`target` is a target as PutTargets takes it, with AWS's member names.
"""

from collections.abc import Mapping
from typing import Any

from emulator.transform.context import Input, InputContext
from emulator.transform.faults import InvalidTransform
from emulator.transform.paths import MISSING, InvalidPath, compile_path
from emulator.transform.template import check_template, compile_template
from emulator.transform.text import compact, fault, location

MEMBERS = ("Input", "InputPath", "InputTransformer")


def check_input(target: Mapping[str, Any]) -> None:
    """Raises InvalidTransform, with AWS's text, when PutTargets would refuse this target's input.

    What the service model says itself (lengths, the form of a key of InputPathsMap) is checked as the request is read.
    """
    target_id = target["Id"]
    given = [member for member in MEMBERS if target.get(member) is not None]
    if len(given) > 1:
        raise InvalidTransform(
            f"Only one of Input, InputPath, or InputTransformer must be provided for target {target_id}."
        )
    match given:
        case ["Input"]:
            _check_constant(target_id, target["Input"])
        case ["InputPath"]:
            _check_path(target_id, target["InputPath"])
        case ["InputTransformer"]:
            transformer = target["InputTransformer"]
            check_template(target_id, transformer["InputTemplate"], transformer.get("InputPathsMap") or {})


def _check_constant(target_id: str, text: str) -> None:
    index = fault(text) if text else None  # an empty Input is admitted, and nothing is delivered
    if index is not None:
        raise InvalidTransform(f"JSON syntax error in input for target {target_id}: {location(text, index)}")


def _check_path(target_id: str, path: str) -> None:
    try:
        compile_path(path)
    except InvalidPath:
        raise InvalidTransform(f"InputPath for target {target_id} is invalid.") from None


def compile_input(target: Mapping[str, Any]) -> Input:
    """What turns an event into the body for this (admitted) target; it raises InvalidRendering."""
    if target.get("Input") is not None:
        constant: str = target["Input"]
        return lambda context: constant
    if target.get("InputPath") is not None:
        return _selection(target["InputPath"])
    if target.get("InputTransformer") is not None:
        transformer = target["InputTransformer"]
        return compile_template(transformer["InputTemplate"], transformer.get("InputPathsMap") or {})
    return _whole_event


def _whole_event(context: InputContext) -> str:
    return context.event_text


def _selection(path: str) -> Input:
    if path == "$":
        return _whole_event
    walk = compile_path(path)

    def select(context: InputContext) -> str:
        value = walk(context.event)
        return "{}" if value is MISSING or value is None else compact(value)  # `{}` for both: recorded on AWS

    return select
