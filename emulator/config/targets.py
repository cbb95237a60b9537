"""The targets of a rule: from the short form to what PutTargets takes."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from emulator.arn import Arn
from emulator.config.addresses import BAD_QUEUE, QUEUE_NAME, letters_to
from emulator.config.json_text import json_text
from emulator.config.not_yet import undeliverable
from emulator.config.problems import Problems
from emulator.config.result import Target
from emulator.config.shapes import MAX_TARGETS, RuleShape, TargetShape
from emulator.config.yaml_source import KeyPath
from emulator.transform import InvalidTransform, check_input

Missing = Callable[[str], str | None]
"""A sentence for a function that does not exist, None for one that does."""

_ID = re.compile(r"[.\-_A-Za-z0-9]+")
_FUNCTION = re.compile(r"function:[a-zA-Z0-9-_]{1,64}(:[a-zA-Z0-9$_-]+)?")
_QUOTED_PLACEHOLDER = re.compile(r'"(<[^<>"]+>)"')


def build_targets(shape: RuleShape, path: KeyPath, missing: Missing, problems: Problems) -> tuple[Target, ...]:
    """The targets of the rule at `path`; `missing(name)` says why there is no such function."""
    path = (*path, "targets")
    if len(shape.targets) > MAX_TARGETS:
        problems.add(
            (*path, MAX_TARGETS), f"a rule takes at most {MAX_TARGETS} targets, as on AWS; write a second rule"
        )
    targets = [_build(item, (*path, index), missing, problems) for index, item in enumerate(shape.targets)]
    return _with_ids(targets, path, problems)


def _build(shape: TargetShape, path: KeyPath, missing: Missing, problems: Problems) -> Target:
    _check_address(shape, path, missing, problems)
    members = _members(shape, path, problems)
    target = Target(
        id=shape.id or "", function=shape.function or "", bus=shape.bus or "", sqs=shape.sqs or "", arn=shape.arn or "",
        dlq=letters_to(shape.dlq, (*path, "dlq"), problems), members=members,
    )  # fmt: skip
    _check_members(shape, target, path, problems)
    return target


def _check_address(shape: TargetShape, path: KeyPath, missing: Missing, problems: Problems) -> None:
    given = [name for name in ("function", "bus", "sqs", "arn") if getattr(shape, name)]
    if len(given) > 1:
        problems.add(path, f"{' and '.join(given)} lead to different places; give one of them")
    elif not given and not problems.within(path):
        problems.add(path, "leads nowhere: give one of function, bus, sqs, arn")
    elif shape.function:
        if sentence := missing(shape.function):
            problems.add((*path, "function"), sentence)
    elif shape.sqs and not QUEUE_NAME.fullmatch(shape.sqs):
        problems.add((*path, "sqs"), BAD_QUEUE)
    elif shape.arn:
        parsed = Arn.parse(shape.arn)
        refused = "not an ARN (arn:aws:SERVICE:REGION:ACCOUNT:…)" if parsed is None else undeliverable(parsed)
        if parsed is not None and parsed.service == "lambda" and not _FUNCTION.fullmatch(parsed.resource):
            refused = "not a function's ARN (arn:aws:lambda:REGION:ACCOUNT:function:NAME)"
        if refused:
            problems.add((*path, "arn"), refused)


def _members(shape: TargetShape, path: KeyPath, problems: Problems) -> dict[str, Any]:
    members = {
        "RoleArn": shape.role_arn,
        "Input": _constant(shape.input, (*path, "input"), problems),
        "InputPath": shape.input_path,
        "InputTransformer": _transformer(shape, path, problems),
        "RetryPolicy": _retry(shape),
    }
    return {name: value for name, value in members.items() if value is not None}


def _constant(value: Any, path: KeyPath, problems: Problems) -> str | None:
    """Text is JSON text, as AWS has it; everything else is the value itself."""
    return value if value is None or isinstance(value, str) else json_text(value, path, problems.add)


def _transformer(shape: TargetShape, path: KeyPath, problems: Problems) -> dict[str, Any] | None:
    given = shape.transformer
    if given is not None:
        if shape.input_template is not None or shape.input_paths:
            problems.add((*path, "transformer"), "says the same as input_template and input_paths; give one of the two")
        paths, template, where = given.paths, given.template, (*path, "transformer", "template")
    else:
        paths, template, where = shape.input_paths, shape.input_template, (*path, "input_template")
    if template is None:
        if given is not None or paths:
            problems.add(where, "is missing: paths alone say nothing")
        return None
    text = template if isinstance(template, str) else _template(json_text(template, where, problems.add))
    return {"InputPathsMap": dict(paths), "InputTemplate": text} if paths else {"InputTemplate": text}


def _template(text: str) -> str:
    """A value that is one placeholder and nothing else stands for whatever is found, so it must not be in quotes."""
    return _QUOTED_PLACEHOLDER.sub(r"\1", text)


def _retry(shape: TargetShape) -> dict[str, int] | None:
    if shape.retry is None:
        return None
    members: Mapping[str, float | None] = {
        "MaximumRetryAttempts": shape.retry.attempts,
        "MaximumEventAgeInSeconds": shape.retry.max_age,
    }
    return {name: int(value) for name, value in members.items() if value is not None}


def _check_members(shape: TargetShape, target: Target, path: KeyPath, problems: Problems) -> None:
    shapers = [name for name in ("Input", "InputPath", "InputTransformer") if name in target.members]
    if target.bus and shapers:
        problems.add(path, "what goes to a bus is the event itself, as on AWS: no input, input_path or input_template")
        return
    if target.bus and "RetryPolicy" in target.members:
        problems.add((*path, "retry"), "AWS takes no retry for a target that is a bus")
    try:
        check_input({"Id": target.id or target.label, **target.members})
    except InvalidTransform as error:
        problems.add((*path, *_key_of(shapers, shape)), f"{error}{_hint(target.members)}")


def _hint(members: Mapping[str, Any]) -> str:
    """What AWS's words leave open: which of the paths it is, and what would be right."""
    if "Input" in members and not _is_json(members["Input"]):
        return f" Text in `input` is JSON; for the text itself write '{json.dumps(members['Input'])}'."
    paths = [members.get("InputPath"), *members.get("InputTransformer", {}).get("InputPathsMap", {}).values()]
    wrong = next((path for path in paths if path is not None and not path.startswith(("$.", "$["))), "$")
    return "" if wrong == "$" else f" '{wrong}' must begin with $. as in $.detail."


def _key_of(shapers: list[str], shape: TargetShape) -> KeyPath:
    if len(shapers) != 1:
        return ()
    if shapers == ["InputTransformer"]:
        return ("input_template",) if shape.transformer is None else ("transformer", "template")
    return ("input",) if shapers == ["Input"] else ("input_path",)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _with_ids(targets: list[Target], path: KeyPath, problems: Problems) -> tuple[Target, ...]:
    """Gives an id to those without: the name of what they lead to, numbered when that is taken."""
    taken: dict[str, int] = {}
    for index, target in enumerate(targets):
        if target.id and not _ID.fullmatch(target.id):
            problems.add((*path, index, "id"), f"AWS takes letters, digits and . - _ in an id, not '{target.id}'")
        elif target.id in taken:
            problems.add((*path, index, "id"), f"the id '{target.id}' is taken by targets[{taken[target.id]}]")
        elif target.id:
            taken[target.id] = index
    result = []
    for index, target in enumerate(targets):
        name = target.id or _free(_id_from(target), taken)
        taken.setdefault(name, index)
        result.append(replace(target, id=name))
    return tuple(result)


def _id_from(target: Target) -> str:
    name = re.split(r"[:/]", target.label)[-1] if target.arn else target.label
    return re.sub(r"[^.\-_A-Za-z0-9]", "-", name)[:60] or "target"


def _free(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, 100_000))
    return name if name not in taken else next(other for other in numbered if other not in taken)
