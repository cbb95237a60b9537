"""How `ebl start` shows things: for people or as JSON, little or much.  Pure but for the choice of colours."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from emulator import __version__
from emulator.cli.first_run import Found, first_run
from emulator.cli.style import draw
from emulator.cli.terminal import lines_of
from emulator.delivery.step_json import to_json
from emulator.delivery.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    colour: bool = False

    def step(self, step: Step) -> Iterable[str]:
        """The lines of one step."""
        if self.as_json:
            return (to_json(step),)
        return [draw(line, self.colour) for line in lines_of(step, verbose=self.verbose)]

    def ready(self, found: Found, url: str, seconds: float, now: float) -> Iterable[str]:
        """The lines that say that it is ready, and what there is."""
        if self.as_json:
            return (_ready_json(found, url, seconds),)
        if self.quiet:
            return ("Ready.",)
        return [draw(line, self.colour) for line in first_run(found, url, seconds, now)]


def _ready_json(found: Found, url: str, seconds: float) -> str:
    ready = {
        "kind": "READY",
        "version": __version__,
        "url": url,
        "seconds": round(seconds, 3),
        "functions": [{"name": f.name, "code": f.code, "handler": f.handler} for f in found.functions],
        "rules": [
            {
                "name": rule.name,
                "bus": rule.bus,
                "pattern": json.loads(rule.pattern) if rule.pattern else None,
                "schedule": rule.schedule,
                "state": rule.state,
                "targets": list(targets),
            }
            for rule, targets in found.rules
        ],
    }
    return json.dumps(ready, ensure_ascii=False)
