"""A service: the operations of one AWS API that are emulated, each one a plain function.

    events: Service[Call] = Service("events")

    @events.operation("DescribeRule")
    def describe_rule(call: Call, *, name: str, event_bus_name: str = "default") -> Members: ...

Knows no protocol: it takes and gives members (AWS names -> Python values), whether they came over HTTP or from a file.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from emulator.errors import AwsError
from emulator.wire.models import Members, Model, Operation, load_model
from emulator.wire.validate import check

__all__ = ["Call", "Emulated", "Members", "Scope", "Service", "not_emulated"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose state a request is about: everything is kept by account and region."""

    account: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What every handler is told beside its parameters; services add what they need.  `headers` are lower-case.

    A handler puts into `answer_headers` what the answer carries beside its members: headers that no model mentions.
    """

    scope: Scope
    request_id: str
    headers: Mapping[str, str]
    answer_headers: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        return self.scope.account

    @property
    def region(self) -> str:
        return self.scope.region


C = TypeVar("C", bound=Call)
Answer = Members | None | Awaitable[Members | None]
Handler = Callable[..., Answer]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Emulated:
    """One emulated operation.  `ignored`: members of the input that the handler does not look at."""

    operation: Operation
    handler: Handler
    parameters: Mapping[str, str]
    ignored: tuple[str, ...]


class Service(Generic[C]):
    """The emulated part of an API; `name` is botocore's name of it (`events`, `lambda`, …)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.emulated: dict[str, Emulated] = {}

    @property
    def model(self) -> Model:
        return load_model(self.name)

    def operation(self, name: str) -> Callable[[H], H]:
        """Declares the handler of an operation and holds it against the model: TypeError on a misspelt operation,
        a parameter that the model does not have, or a required member that the function does not take.

        Parameters are keyword-only and named like the members in snake case; an absent member takes the default.
        `**given` takes all members that have no parameter of their own, those that were given alone.
        """

        def declare(handler: H) -> H:
            self.emulated[name] = self._held_against_model(name, handler)
            return handler

        return declare

    def call(self, call: C, operation: str, members: Members) -> Members | Awaitable[Members]:
        """Runs an operation in process: checks the members against the model, then calls the handler.

        Raises AwsError: AWS's ValidationException, the handler's refusal, or NotImplementedException (501) for an
        operation that is not emulated. What an `async def` handler answers is to be awaited.
        """
        emulated = self.emulated.get(operation)
        if emulated is None:
            raise not_emulated(self.name, operation)
        check(emulated.operation, members)
        parameters = emulated.parameters
        ignored = emulated.ignored
        arguments = {
            parameters[name]: value for name, value in members.items() if name not in ignored and value is not None
        }
        answer = emulated.handler(call, **arguments)
        if answer is None:
            return {}
        return answer if isinstance(answer, dict) else _awaited(answer)

    def _held_against_model(self, name: str, handler: Handler) -> Emulated:
        where = f"{self.name}.{name} ({getattr(handler, '__qualname__', handler)})"
        operation = self.model.operations.get(name)
        if operation is None:
            raise TypeError(f"{where}: the model of {self.name} has no such operation")
        takes, defaulted, all_others = _keyword_parameters(handler)
        unknown = takes - set(operation.parameters.values())
        if unknown:
            raise TypeError(f"{where}: no member of the input is called {', '.join(sorted(unknown))}")
        required = {operation.parameters[member] for member in (operation.input.required if operation.input else ())}
        if required - takes:
            raise TypeError(f"{where}: does not take the required {', '.join(sorted(required - takes))}")
        if takes - required - defaulted:
            raise TypeError(f"{where}: {', '.join(sorted(takes - required - defaulted))} may be absent: give a default")
        left = {member for member, parameter in operation.parameters.items() if parameter not in takes}
        ignored = () if all_others else tuple(member for member in operation.parameters if member in left)
        return Emulated(operation, handler, operation.parameters, ignored)


def not_emulated(service: str, operation: str) -> AwsError:
    """The refusal of an operation that the model has and we do not (yet): status 501, which SDKs do not retry."""
    return AwsError("NotImplementedException", f"{service}:{operation} is not emulated.", status=501)


async def _awaited(answer: Awaitable[Members | None]) -> Members:
    return await answer or {}


def _keyword_parameters(handler: Handler) -> tuple[set[str], set[str], bool]:
    """The names of the keyword-only parameters, of those the ones with a default, and whether all others are taken."""
    every = inspect.signature(handler).parameters.values()
    named = [p for p in every if p.kind is p.KEYWORD_ONLY]
    others = any(p.kind is p.VAR_KEYWORD for p in every)
    return {p.name for p in named}, {p.name for p in named if p.default is not p.empty}, others
