"""Fire a rule by hand."""

from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from emulator.app import Emulator
from emulator.console.answer import answer
from emulator.delivery.fire import CannotFire, fire
from emulator.store.buses import DEFAULT, BusKey
from emulator.store.rules import Rule


class Firing(BaseModel):
    """Which rule; account and region only where several have one of this name."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    bus: str = DEFAULT
    account: str | None = None
    region: str | None = None
    event: dict[str, Any] | None = Field(None, description="any members of an event; without it one is made")


def add_fire(routes: FastAPI, emulator: Emulator) -> None:
    @routes.post("/_ebl/fire")
    async def fire_(asked: Firing) -> JSONResponse:
        """Fire a rule now: with its scheduled event, the event given, or a sample that its pattern matches."""
        rule = _the_rule(emulator, asked)
        try:
            event = fire(emulator.publisher, emulator.clock, rule, asked.event)
        except CannotFire as error:
            raise HTTPException(409, str(error)) from error
        event_id = event.envelope["id"]
        return answer({
            "event_id": event_id,
            "rule": rule.arn,
            "bus": rule.bus,
            "event": event.envelope,
            "links": {"event": f"/_ebl/events/{event_id}"},
        })  # fmt: skip


def _the_rule(emulator: Emulator, asked: Firing) -> Rule:
    places = emulator.store.buses.places(asked.bus)
    found = [emulator.store.rules.find(BusKey(*place, asked.bus), asked.rule) for place in places]
    rules = [
        rule for rule in found
        if rule is not None and asked.account in (None, rule.account) and asked.region in (None, rule.region)
    ]  # fmt: skip
    if not rules:
        raise HTTPException(404, f"There is no rule {asked.rule} on the event bus {asked.bus}.")
    if len(rules) > 1:
        several = ", ".join(f"account {rule.account} in {rule.region}" for rule in rules)
        raise HTTPException(409, f"Several have a rule {asked.rule}: {several}. Say which: account, region.")
    return rules[0]
