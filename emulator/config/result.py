"""What a config.yaml comes to: plain frozen values, every default filled in.  Knows no YAML and no file format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.arn import Arn
from emulator.backends.place import Place
from emulator.errors import Problem

DEFAULT_BUS = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """A custom event bus; the default bus is never among them, it is always there."""

    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where something leads: `arn` is complete; where it is empty, one of the names says it."""

    function: str = ""
    bus: str = ""
    sqs: str = ""
    arn: str = ""

    def in_scope(self, account: str, region: str) -> str:
        """Its ARN; empty when it leads nowhere."""
        named = (("lambda", "function:", self.function), ("events", "event-bus/", self.bus), ("sqs", "", self.sqs))
        arns = (str(Arn(service, region, account, f"{kind}{name}")) for service, kind, name in named if name)
        return self.arn or next(arns, "")

    def queue(self, account: str, region: str) -> str:
        """The name of the queue of this account and region that it leads to; empty for everything else."""
        arn = Arn.parse(self.arn)
        own = arn is not None and (arn.service, arn.account, arn.region) == ("sqs", account, region)
        return arn.resource if arn is not None and own else self.sqs


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target of a rule.  `arn` is complete; where it is empty, `function`, `bus` or `sqs` (a name) says where it
    leads.  `dlq` is the queue for what could not be handed over.

    `members` is the rest, in AWS's names and shapes: Input, InputPath, InputTransformer, RetryPolicy, RoleArn.
    """

    id: str
    function: str = ""
    bus: str = ""
    sqs: str = ""
    arn: str = ""
    dlq: Address = Address()
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What a person calls it: the name of the function, bus or queue, or the ARN."""
        return self.function or self.bus or self.sqs or self.arn

    @property
    def address(self) -> Address:
        return Address(function=self.function, bus=self.bus, sqs=self.sqs, arn=self.arn)

    def described(self, account: str, region: str) -> dict[str, Any]:
        """The target as PutTargets takes it and ListTargetsByRule returns it."""
        # AWS wants a role for every bus, one of the same account too (recorded); here it stands for nothing.
        role = {"RoleArn": f"arn:aws:iam::{account}:role/events"} if self.bus else {}
        queue = self.dlq.in_scope(account, region)
        letters = {"DeadLetterConfig": {"Arn": queue}} if queue else {}
        return {"Id": self.id, "Arn": self.address.in_scope(account, region), **role, **self.members, **letters}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule.  `pattern` is JSON text, `state` ENABLED or DISABLED, `key` its place in the file (`rules.NAME`)."""

    name: str
    bus: str = DEFAULT_BUS
    pattern: str | None = None
    schedule: str | None = None
    state: str = "ENABLED"
    description: str | None = None
    role_arn: str | None = None
    targets: tuple[Target, ...] = ()
    key: tuple[str | int, ...] = field(default=(), compare=False)

    def described(self) -> dict[str, Any]:
        """The rule as PutRule takes it."""
        members = {
            "Name": self.name,
            "EventBusName": self.bus,
            "EventPattern": self.pattern,
            "ScheduleExpression": self.schedule,
            "State": self.state,
            "Description": self.description,
            "RoleArn": self.role_arn,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function of the project.

    `code` is a .py file or a folder (absolute); `handler` is empty when it is to be found there. `timeout` and
    `max_event_age` in seconds, `memory` in MB. `retries` and `max_event_age` are about asynchronous invocations.
    `runtime` is None for this Python; `executor` is empty for the default; `url` is what CreateFunctionUrlConfig takes,
    None for no URL.
    """

    name: str
    code: Path
    handler: str = ""
    runtime: str | None = None
    executor: str = ""
    description: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 3
    memory: int = 128
    retries: int = 2
    max_event_age: float = 21600
    allow_real_aws: frozenset[str] = frozenset()
    role: str = ""
    dlq: Address = Address()
    on_failure: Address = Address()
    on_success: Address = Address()
    url: Mapping[str, Any] | None = None
    reserved_concurrency: int | None = None

    def settings(self, account: str, region: str) -> dict[str, Mapping[str, Any]]:
        """What is set about it beside its code: AWS's members, by kind of setting (`store/settings.py`)."""
        settings: dict[str, Mapping[str, Any]] = {}
        if members := self._event_invoke(account, region):
            settings["event_invoke"] = members
        if self.reserved_concurrency is not None:
            settings["concurrency"] = {"ReservedConcurrentExecutions": self.reserved_concurrency}
        if self.url is not None:
            settings["url"] = self.url
        return settings

    def _event_invoke(self, account: str, region: str) -> dict[str, Any]:
        """Empty where nothing differs from AWS's defaults."""
        sides = {"OnSuccess": self.on_success, "OnFailure": self.on_failure}
        arns = {side: address.in_scope(account, region) for side, address in sides.items()}
        members = {
            "MaximumRetryAttempts": self.retries if self.retries != 2 else None,
            "MaximumEventAgeInSeconds": int(self.max_event_age) if self.max_event_age != 21600 else None,
            "DestinationConfig": {side: {"Destination": arn} for side, arn in arns.items() if arn} or None,
        }
        return {name: value for name, value in members.items() if value is not None}


def _nowhere(key: tuple[str | int, ...], text: str) -> Problem:
    return Problem("config.yaml", 1, 1, ".".join(map(str, key)), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that a configuration says, with every default filled in.

    `file` is the path as it was given, whether it exists or not; `functions_dir` is absolute.
    `problem(key, text)` makes a Problem that points into the file, for what turns out to be wrong later on.
    """

    file: Path = Path("config.yaml")
    region: str = "us-east-1"
    account: str = "000000000000"
    host: str = "127.0.0.1"
    port: int = 4566
    allowed_hosts: tuple[str, ...] = ()
    functions_dir: Path = Path("functions")
    max_depth: int = 16
    services: Mapping[str, Place] = field(default_factory=dict)
    permissions: str = "warn"
    executor: str = "in-process"
    queues: tuple[str, ...] = ()
    buses: tuple[Bus, ...] = ()
    rules: tuple[Rule, ...] = ()
    functions: tuple[Function, ...] = ()
    problem: Callable[[tuple[str | int, ...], str], Problem] = field(default=_nowhere, repr=False, compare=False)
