"""Which function is meant: every form in which Lambda takes a function's name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from emulator.errors import AwsError
from emulator.services.call import Call
from emulator.store.functions import LATEST, FunctionRow

_MAX_NAME = 64
_MAX_ARN = 140

# NAME, NAME:QUALIFIER, ACCOUNT:function:NAME, function:NAME, the ARN, the ARN with a qualifier (botocore model).
_NAME = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function as it was asked for; `qualifier` is None when the caller gave none."""

    account: str
    region: str
    name: str
    qualifier: str | None

    @property
    def arn(self) -> str:
        """Qualified as the caller qualified it."""
        return f"{self.unqualified}:{self.qualifier}" if self.qualifier else self.unqualified

    @property
    def unqualified(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"


def named(call: Call, text: str, qualifier: str | None = None) -> FunctionName:
    """Raises AwsError when name and qualifier contradict each other, or the region is another one (texts recorded)."""
    match = _NAME.fullmatch(text)
    if match is None:  # the wire has checked the pattern: what is left is longer than any name
        raise invalid(f"Invalid function name: {text}")
    _check_length(text, match["name"])
    derived = match["qualifier"]
    if derived and qualifier and derived != qualifier:
        raise invalid("The derived qualifier from the function name does not match the specified qualifier.")
    region = match["region"] or call.region
    if region != call.region:
        raise not_found(f"Functions from '{region}' are not reachable in this region ('{call.region}')")
    return FunctionName(match["account"] or call.account, region, match["name"], qualifier or derived)


def _check_length(text: str, name: str) -> None:
    """Lambda's own bounds, tighter than the model's (recorded on AWS, 2025)."""
    if len(name) <= _MAX_NAME:
        return
    if len(text) > _MAX_ARN:
        raise AwsError("ValidationException", _too_long(text, _MAX_ARN))
    raise invalid(_too_long(name, _MAX_NAME))


def _too_long(value: str, bound: int) -> str:
    constraint = f"Member must have length less than or equal to {bound}"
    return f"1 validation error detected: Value '{value}' at 'functionName' failed to satisfy constraint: {constraint}"


def found(call: Call, name: FunctionName, dice: Callable[[], float] | None = None) -> FunctionRow | None:
    """The version that was asked for, also by an alias; None when the function, the version or the alias is missing.

    Of an alias that divides invocations the version that the `dice` choose; without them the primary one.
    """
    return call.store.functions.resolve(name.account, name.region, name.name, name.qualifier or LATEST, dice)


def required(call: Call, name: FunctionName) -> FunctionRow:
    """`$LATEST` of the function, whatever the qualifier; ResourceNotFoundException when there is no such function."""
    function = call.store.functions.find(name.account, name.region, name.name)
    if function is None:
        raise not_found(f"Function not found: {name.unqualified}")
    return function


def qualified(call: Call, name: FunctionName) -> FunctionRow:
    """The version that was asked for, an alias's primary one; ResourceNotFoundException names it as the caller
    qualified it (recorded on AWS)."""
    function = found(call, name)
    if function is None:
        raise not_found(f"Function not found: {name.arn}")
    return function


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message, {"Type": "User"})


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, {"Type": "User"})


def invalid_without_type(message: str) -> AwsError:
    """Some refusals of Lambda have `"Type":null` (recorded, September 2026)."""
    return AwsError("InvalidParameterValueException", message, {"Type": None})


def conflict(message: str) -> AwsError:
    return AwsError("ResourceConflictException", message, {"Type": "User"})


def unsupported(operation: str, what: str) -> AwsError:
    """What would change how a function runs must not be dropped in silence."""
    return AwsError("NotImplementedException", f"lambda:{operation}: {what} is not emulated.", status=501)


STALE = (
    "The Revision Id provided does not match the latest Revision Id."
    " Call the GetFunction/GetAlias API to retrieve the latest Revision Id"
)


def check_revision(given: str | None, latest: str) -> None:
    if given is not None and given != latest:
        raise AwsError("PreconditionFailedException", STALE, {"Type": "User"})


def unqualified(call: Call, text: str) -> FunctionName:
    """A name that means the function itself: `$LATEST` is all that it may be qualified with."""
    name = named(call, text)
    if name.qualifier not in (None, LATEST):
        raise invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation."
            " Please specify either a function name or an unqualified function ARN."
        )
    return name
