"""May this caller run that function?  Its policy decides; and what follows from it, `mode` does.

    off       nobody asks
    warn      what AWS would refuse goes through, and what AWS would need is said: the command that would give it
    enforce   it is refused, as AWS does

What config.yaml makes needs no permission within its own account: its functions may be run by any rule and by their
URLs, its targets may run any function.  An explicit Deny counts all the same.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from emulator.clock import Clock
from emulator.delivery.statements import (
    EXPLICIT_DENY,
    PRINCIPAL_ACCOUNT,
    Facts,
    Statement,
    holds,
    is_about,
    is_for_account,
    is_for_everybody,
    is_for_service,
    not_allowed,
)
from emulator.delivery.steps import Kind, Step, Steps
from emulator.store.applied import Made
from emulator.store.buses import BusKey
from emulator.store.database import Store
from emulator.store.deliveries import Delivery
from emulator.store.functions import LATEST, Named, named_in
from emulator.store.rules import rule_arn
from emulator.store.settings import SettingKey

INVOKE = "lambda:InvokeFunction"
INVOKE_URL = "lambda:InvokeFunctionUrl"
EVENTS = "events.amazonaws.com"
_AUTH_TYPE = "lambda:functionurlauthtype"
_REMEMBERED = 10_000
_NOT_IN_A_SID = re.compile(r"[^a-zA-Z0-9-_]")


class Mode(StrEnum):
    OFF = "off"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What AWS would say.  `why` is the end of its sentence, `remedy` what would have to be done: a command for a
    shell, or a sentence where no command helps."""

    who: str
    action: str
    resource: str
    why: str
    remedy: str

    @property
    def text(self) -> str:
        """AWS's sentence."""
        return f"User: {self.who} is not authorized to perform: {self.action} on resource: {self.resource} {self.why}"

    @property
    def note(self) -> str:
        return f"AWS would refuse this ({self.text}). It needs: {self.remedy}"


class Permissions:
    """Touched by the event loop's thread alone, like the store.  What it found is remembered until a policy changes."""

    def __init__(self, store: Store, clock: Clock, steps: Steps, fixed: Mode | None = None) -> None:
        """`fixed` counts whatever is configured."""
        self._store = store
        self._clock = clock
        self._steps = steps
        self._fixed = fixed
        self.mode = fixed or Mode.WARN
        self._found: dict[tuple[str, ...], Refusal | None] = {}
        self._as_of = (-1, -1)

    def configured(self, mode: Mode) -> None:
        self.mode = self._fixed or mode

    def of_rule(self, delivery: Delivery) -> Refusal | None:
        """EventBridge hands the event of a rule to a function."""
        if self.mode is Mode.OFF:
            return None
        target = delivery.target_arn
        key = (target, delivery.rule, delivery.bus, delivery.account, delivery.region, delivery.target_id)
        self._forget_what_is_stale()
        try:
            return self._found[key]
        except KeyError:
            function = named_in(target)
            found = None if function is None else self._of_rule(delivery, function)
            return self._keep(key, found, target)

    def of_account(self, function: Named, resource: str, caller: str) -> Refusal | None:
        """Another account invokes the function; `resource` is its ARN, qualified as the caller did."""
        if self.mode is Mode.OFF or function.account == caller:
            return None
        asked = _Asked(INVOKE, resource, {PRINCIPAL_ACCOUNT: caller}, account=caller)
        options = {"--principal": caller}
        return self._told(("account", resource, caller), function, asked, f"arn:aws:iam::{caller}:root", options)

    def of_url(self, function: Named, resource: str, auth_type: str, caller: str | None) -> Refusal | None:
        """Somebody calls the function's URL; `caller` is his account, None when the request was not signed.

        Recorded on AWS, Sep 2026: the permission lambda:InvokeFunctionUrl is enough, whatever the documentation says of
        a second one.
        """
        if self.mode is Mode.OFF:
            return None
        who = "anonymous" if caller is None else f"arn:aws:iam::{caller}:root"
        facts = {_AUTH_TYPE: auth_type, "lambda:invokedviafunctionurl": "true"}
        facts |= {} if caller is None else {PRINCIPAL_ACCOUNT: caller}
        asked = _Asked(INVOKE_URL, resource, facts, account=caller or "", anonymous=caller is None)
        options = {"--principal": caller or "*", "--function-url-auth-type": auth_type}
        return self._told(("url", resource, auth_type, who), function, asked, who, options)

    def _told(
        self, key: tuple[str, ...], function: Named, asked: "_Asked", who: str, options: Mapping[str, str]
    ) -> Refusal | None:
        self._forget_what_is_stale()
        try:
            return self._found[key]
        except KeyError:
            own = asked.account == function.account
            granted = own or (asked.anonymous and self._is_of_the_file(function))
            return self._keep(key, self._judged(function, asked, who, options, granted), asked.resource)

    def _of_rule(self, delivery: Delivery, function: Named) -> Refusal | None:
        bus = BusKey(delivery.account, delivery.region, delivery.bus)
        arn = rule_arn(bus, delivery.rule)
        facts = {"aws:sourcearn": arn, "aws:sourceaccount": delivery.account}
        asked = _Asked(INVOKE, delivery.target_arn, facts, service=EVENTS)
        made = Made("target", delivery.rule, delivery.bus, delivery.target_id)
        own = delivery.account == function.account
        granted = own and (
            self._is_of_the_file(function) or self._store.applied.has(delivery.account, delivery.region, made)
        )
        options = {"--statement-id": delivery.rule, "--principal": EVENTS, "--source-arn": arn}
        return self._judged(function, asked, EVENTS, options, granted)

    def _judged(
        self, function: Named, asked: "_Asked", who: str, options: Mapping[str, str], granted: bool
    ) -> Refusal | None:
        statements = [one for one in self._statements(function, asked.resource) if asked.meets(one)]
        if any(one["Effect"] == "Deny" for one in statements):
            why, remedy = EXPLICIT_DENY, "another policy: a statement of the function's own denies it"
        elif asked.anonymous and asked.facts.get(_AUTH_TYPE) == "AWS_IAM":
            why, remedy = "because the request is not signed", "a request that is signed (AWS Signature Version 4)"
        elif granted or any(one["Effect"] == "Allow" for one in statements):
            return None
        else:
            why, remedy = not_allowed(asked.action), _command(function, asked, options)
        return Refusal(who, asked.action, asked.resource, why, remedy)

    def _statements(self, function: Named, resource: str) -> Sequence[Statement]:
        """`fn:$LATEST` has no policy of its own, and that of the function is not about it (recorded on AWS)."""
        found = self._store.settings.find(SettingKey("policy", *function))
        statements: Sequence[Statement] = [] if found is None else found.members["Policy"]["Statement"]
        return statements if not resource.endswith(f":{LATEST}") else []

    def _is_of_the_file(self, function: Named) -> bool:
        return self._store.applied.has(function.account, function.region, Made("function", function.name))

    def _forget_what_is_stale(self) -> None:
        as_of = (self._store.settings.changes, self._store.applied.changes)
        if as_of != self._as_of:
            self._found.clear()
            self._as_of = as_of

    def _keep(self, key: tuple[str, ...], found: Refusal | None, target: str) -> Refusal | None:
        """Remembered, and said once."""
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        self._found[key] = found
        return None if found is None else self._say(found, target)

    def _say(self, refusal: Refusal, target: str) -> Refusal:
        if self.mode is Mode.WARN:
            details = {"refusal": refusal.text, "remedy": refusal.remedy}
            self._steps.tell(Step(Kind.PERMISSION_MISSING, self._clock.now(), target=target, details=details))
        return refusal


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who wants to do what: an account, a service of AWS, or somebody who did not sign."""

    action: str
    resource: str
    facts: Facts
    account: str = ""
    service: str = ""
    anonymous: bool = False

    def meets(self, statement: Statement) -> bool:
        about = is_about(statement, self.action, self.resource)
        return about and self._is_meant(statement) and holds(statement, self.facts)

    def _is_meant(self, statement: Statement) -> bool:
        if self.service:
            return is_for_service(statement, self.service)
        return is_for_everybody(statement) if self.anonymous else is_for_account(statement, self.account)


def _command(function: Named, asked: _Asked, options: Mapping[str, Any]) -> str:
    """The AWS CLI's command that gives this permission; a sentence for $LATEST, which cannot have one."""
    if asked.resource.endswith(f":{LATEST}"):
        return f"the function's ARN without :{LATEST}, which cannot be given permissions"
    named = {"--function-name": function.name}
    if function.qualifier != LATEST:
        named["--qualifier"] = function.qualifier
    named["--statement-id"] = _NOT_IN_A_SID.sub("-", options.get("--statement-id", "local"))[:100]
    named["--action"] = asked.action
    words = [word for name, value in (named | {**options, **named}).items() for word in (name, shlex.quote(value))]
    return " ".join(["aws", "lambda", "add-permission", *words])
