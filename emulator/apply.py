"""config.yaml into the emulator: through the same operations that an API client calls, all of it or nothing.

What the file made before and no longer names is taken away; what was made through the API stays.  In detail:

    rule      one that the API made becomes the file's when the file names it
    target    those that the API added to a rule of the file stay beside the file's, and go when the rule goes
    bus       the file's when it did not exist before; taken away only when no rule is left on it
    queue     as a bus, and only when no message is left in it
    function  every one in functions/, whether the file names it or not

Knows no file format: it is given a Config.  Touched by the event loop's thread, like the store.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from emulator.config import Bus, Config, Function, Rule
from emulator.delivery.permissions import Mode
from emulator.errors import AwsError, ConfigError, Problem
from emulator.ids import new_id
from emulator.services.call import Call
from emulator.services.events import events
from emulator.services.lambda_.from_file import set_from_file
from emulator.store.applied import Kind, Made
from emulator.store.buses import BusKey
from emulator.store.functions import FunctionRow
from emulator.store.queues import QueueKey
from emulator.store.rules import Rule as Found
from emulator.wire.service import Members, Scope

What = Literal["added", "changed", "removed"]
_SET_BY_THE_SERVER = {"modified": 0.0, "revision_id": ""}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different now.  `kind` is bus, queue, function or rule; targets count as part of it."""

    what: What
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a file came to; no changes when everything was so already."""

    changes: tuple[Change, ...]

    def __str__(self) -> str:
        """`2 rules added, 1 function removed`"""
        counts: dict[tuple[str, str], int] = {}
        for change in self.changes:
            counts[change.kind, change.what] = counts.get((change.kind, change.what), 0) + 1
        return ", ".join(f"{n} {_plural(kind, n)} {what}" for (kind, what), n in counts.items()) or "nothing changed"


def apply(config: Config, call: Call) -> Applied:
    """Make it so.  Raises ConfigError, with places in the file, when an operation refuses: then nothing has changed.

    `call` may be of any account and region: those of the file count.
    """
    own = Scope(config.account, config.region)
    work = _Work(config, replace(call, scope=own))
    try:
        with call.store.transaction():
            for account, region in sorted(call.store.applied.scopes() - {(own.account, own.region)}):
                _Work(Config(), replace(call, scope=Scope(account, region)), work.touched, work.changes).run()
            work.run()
            if work.problems:
                raise ConfigError(work.problems)
    except BaseException:
        _derive_again(call, work.touched)
        raise
    call.worker.max_depth = config.max_depth
    call.permissions.configured(Mode(config.permissions))
    return Applied(tuple(work.changes))


def _derive_again(call: Call, touched: set[tuple[BusKey, str]]) -> None:
    """The store is as it was; what others derived from it in the meantime is not."""
    for bus, rule in touched:
        if not call.store.buses.exists(bus):
            call.publisher.bus_removed(bus)
        call.publisher.rule_changed(bus, rule)


@dataclass(slots=True)
class _Work:
    """One account and region on its way from what is to what the file says."""

    config: Config
    call: Call
    touched: set[tuple[BusKey, str]] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    made: set[Made] = field(default_factory=set)
    before: set[Made] = field(default_factory=set)
    rules: dict[BusKey, dict[str, Found]] = field(default_factory=dict)
    targets: dict[tuple[BusKey, str], dict[str, Members]] = field(default_factory=dict)
    ours: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    set_before: dict[str, set[str]] = field(default_factory=dict)

    def run(self) -> None:
        table, scope = self.call.store.applied, self.call.scope
        self.before = table.of(scope.account, scope.region)
        for old in self.before:
            if old.kind == "setting":
                self.set_before.setdefault(old.name, set()).add(old.target)
        wanted = {(rule.bus, rule.name) for rule in self.config.rules}
        for old in sorted(o for o in self.before if o.kind == "rule" and (o.bus, o.name) not in wanted):
            self._remove_rule(old)
        for bus in self.config.buses:
            self._bus(bus)
        for name in self._queues():
            self._queue(name)
        for function in self.config.functions:
            self._function(function)
        self._look()
        for rule in self.config.rules:
            try:
                self._rule(rule)
            except AwsError as error:
                self.problems.append(self.config.problem(rule.key, error.message))
        self._remove_functions()
        self._remove_buses()
        self._remove_queues()
        if self.made != self.before:
            table.replace(scope.account, scope.region, self.made)

    def _look(self) -> None:
        """What there is, in a few queries: one or two for each of thousands of rules took longer than all the rest."""
        store = self.call.store
        for key in {self._key(rule.bus) for rule in self.config.rules}:
            self.rules[key] = {rule.name: rule for rule in store.rules.of(key)}
            for name, targets in store.rules.targets_by_rule(key).items():
                self.targets[key, name] = {target.id: dict(target.members) for target in targets}
        for old in self.before:
            if old.kind == "target":
                self.ours.setdefault((old.bus, old.name), set()).add(old.target)

    def _bus(self, bus: Bus) -> None:
        made = Made("bus", bus.name, bus.name)
        found = self.call.store.buses.find(self._key(bus.name))
        try:
            if found is None:
                self._do("CreateEventBus", Name=bus.name, Description=bus.description)
                self._changed("added", "bus", bus.name)
            elif bus.description is not None and found.description != bus.description:
                self._do("UpdateEventBus", Name=bus.name, Description=bus.description)
                self._changed("changed", "bus", bus.name)
        except AwsError as error:
            self.problems.append(self.config.problem(("buses", bus.name), error.message))
        if found is None or made in self.before:
            self.made.add(made)

    def _queues(self) -> list[str]:
        """Those that are written down, and those that targets and functions name."""
        config = self.config
        to = [address for rule in config.rules for target in rule.targets for address in (target.address, target.dlq)]
        to += [address for f in config.functions for address in (f.dlq, f.on_failure, f.on_success)]
        named = (address.queue(config.account, config.region) for address in to)
        return sorted({*config.queues, *named} - {""})

    def _queue(self, name: str) -> None:
        made, key = Made("queue", name), QueueKey(self.call.account, self.call.region, name)
        if self.call.store.queues.put(key, self.call.clock.now()):
            self._changed("added", "queue", name)
            self.made.add(made)
        elif made in self.before:
            self.made.add(made)

    def _remove_queues(self) -> None:
        """One with messages stays: nobody has read them."""
        for old in sorted(self.before - self.made):
            queue = self.call.store.queues.find(QueueKey(self.call.account, self.call.region, old.name))
            if old.kind == "queue" and queue is not None:
                if queue.messages:
                    self.made.add(old)
                else:
                    self.call.store.queues.remove(queue.key)
                    self._changed("removed", "queue", old.name)

    def _function(self, function: Function) -> None:
        scope, functions = self.call.scope, self.call.store.functions
        row = _row(function, scope)
        found = functions.find(scope.account, scope.region, function.name)
        changed = found is None or replace(found, **_SET_BY_THE_SERVER) != row  # type: ignore[arg-type]
        if changed:
            functions.put(replace(row, modified=self.call.clock.now(), revision_id=new_id()))
        if self._settings(function) or changed:
            self._changed("changed" if found else "added", "function", function.name)
        self.made.add(Made("function", function.name))

    def _settings(self, function: Function) -> bool:
        """What is set about it; True when something changed."""
        wanted = function.settings(self.call.account, self.call.region)
        self.made.update(Made("setting", function.name, target=kind) for kind in wanted)
        return set_from_file(self.call, function.name, wanted, self.set_before.get(function.name, set()))

    def _rule(self, rule: Rule) -> None:
        key = self._key(rule.bus)
        found = self.rules[key].get(rule.name)
        members = rule.described()
        changed = found is None or _told(found) != members
        if changed:
            self.touched.add((key, rule.name))
            self._do("PutRule", **members)
        if self._targets(rule, key) or changed:
            self._changed("changed" if found else "added", "rule", rule.name)
        self.made.add(Made("rule", rule.name, rule.bus))
        self.made.update(Made("target", rule.name, rule.bus, target.id) for target in rule.targets)

    def _targets(self, rule: Rule, key: BusKey) -> bool:
        """True when something changed."""
        there = self.targets.get((key, rule.name), {})
        wanted = {t.id: t.described(self.config.account, self.config.region) for t in rule.targets}
        gone = sorted((self.ours.get((rule.bus, rule.name), set()) & there.keys()) - wanted.keys())
        fresh = [target for target in wanted.values() if there.get(target["Id"]) != target]
        if gone or fresh:
            self.touched.add((key, rule.name))
        if gone:  # first, there is room for five
            self._do("RemoveTargets", Rule=rule.name, EventBusName=rule.bus, Ids=gone)
        if fresh:
            answer = self._do("PutTargets", Rule=rule.name, EventBusName=rule.bus, Targets=fresh)
            self._refused(rule, {entry["TargetId"]: entry["ErrorMessage"] for entry in answer["FailedEntries"]})
        return bool(gone or fresh)

    def _refused(self, rule: Rule, messages: Mapping[str, str]) -> None:
        for index, target in enumerate(rule.targets):
            if target.id in messages:
                self.problems.append(self.config.problem((*rule.key, "targets", index), messages[target.id]))

    def _remove_rule(self, old: Made) -> None:
        key = self._key(old.bus)
        self.touched.add((key, old.name))
        if self.call.store.rules.find(key, old.name) is None:
            return  # somebody was faster, through the API
        ids = [target.id for target in self.call.store.rules.targets(key, old.name)]
        if ids:
            self._do("RemoveTargets", Rule=old.name, EventBusName=old.bus, Ids=ids)
        self._do("DeleteRule", Name=old.name, EventBusName=old.bus)
        self._changed("removed", "rule", old.name)

    def _remove_functions(self) -> None:
        scope = self.call.scope
        for old in sorted(self.before - self.made):
            if old.kind == "function" and self.call.store.functions.remove(scope.account, scope.region, old.name):
                self._changed("removed", "function", old.name)

    def _remove_buses(self) -> None:
        for old in sorted(self.before - self.made):
            if old.kind != "bus" or not self.call.store.buses.exists(self._key(old.name)):
                continue
            if self.call.store.rules.any(self._key(old.name)):
                self.made.add(old)  # rules of the API live there; it goes when they are gone
            else:
                self._do("DeleteEventBus", Name=old.name)
                self._changed("removed", "bus", old.name)

    def _do(self, operation: str, **members: Any) -> Members:
        present = {name: value for name, value in members.items() if value is not None}
        answer = events.call(self.call, operation, present)
        assert isinstance(answer, dict), f"{operation} is not to be awaited"
        return answer

    def _changed(self, what: What, kind: Kind, name: str) -> None:
        self.changes.append(Change(what, kind, name))

    def _key(self, bus: str) -> BusKey:
        return BusKey(self.call.account, self.call.region, bus)


def _told(found: Found) -> dict[str, Any]:
    """A stored rule as PutRule would have to be told it."""
    rule = Rule(
        name=found.name,
        bus=found.bus,
        pattern=found.pattern,
        schedule=found.schedule,
        state=found.state,
        description=found.description,
        role_arn=found.role_arn,
    )
    return rule.described()


def _row(function: Function, scope: Scope) -> FunctionRow:
    return FunctionRow(
        account=scope.account,
        region=scope.region,
        name=function.name,
        code=str(function.code),
        handler=function.handler,
        runtime=function.runtime or f"python{sys.version_info.major}.{sys.version_info.minor}",
        executor=function.executor,
        description=function.description,
        environment=dict(function.environment) or None,
        timeout=function.timeout,
        memory_mb=function.memory,
        real_aws=tuple(sorted(function.allow_real_aws)),
        role=function.role,
        dead_letters=function.dlq.in_scope(scope.account, scope.region),
    )


def _plural(kind: str, count: int) -> str:
    return kind if count == 1 else f"{kind}es" if kind == "bus" else f"{kind}s"
