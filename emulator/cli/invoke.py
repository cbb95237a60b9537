"""`ebl invoke`: run a function with a payload."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from emulator.cli import near, options
from emulator.cli.client import Answer, Server, refusal
from emulator.cli.exits import FAILED, OK, USAGE, Failure
from emulator.cli.options import flag

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = ("order-placed", "s3-object-created", "s3-records", "scheduled-event", "sns-records")
_LOG_TAIL = 4096  # bytes: what Lambda gives of a log, its end


@click.command("invoke")
@click.argument("function", metavar="FN")
@click.argument("payload", metavar="[PAYLOAD|@FILE|-]", required=False)
@flag("--async", "asynchronous", is_flag=True, help="Put it into the function's queue, with its retries, and return.")
@flag("--sample", metavar="NAME", help=f"A sample event as the payload: {', '.join(NAMES)}.")
@options.endpoint()
@options.as_json()
def command(
    function: str, payload: str | None, asynchronous: bool, sample: str | None, endpoint: str | None, as_json: bool
) -> int:
    """Run a function: its result goes to stdout, what it printed to stderr.

    \b
      ebl invoke charge '{"detail": {"id": 1}}'
      ebl invoke charge @event.json | jq .ok
      ebl invoke records --sample s3-records

    Exit code 1 when the function fails.
    """
    if sample is not None and payload is not None:
        raise Failure(USAGE, "give either a payload or --sample, not both.")
    body = _sample(sample) if sample is not None else options.json_text(payload, "PAYLOAD")
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Invocation-Type": "Event" if asynchronous else "RequestResponse",
        "X-Amz-Log-Type": "None" if asynchronous else "Tail",
    }
    path = f"/2015-03-31/functions/{quote(function, safe='')}/invocations"
    server = Server(endpoint)
    answer = server.send("POST", path, body.encode(), headers, service="lambda")
    if answer.status >= 400:
        unknown = answer.status == 404 and not function.startswith("arn:")
        hints = near.unknown(server, function, near.functions) if unknown else ()
        raise Failure(FAILED, "".join([refusal(answer), *(f"\n  {hint}" for hint in hints)]))
    return _report(answer, asynchronous, as_json)


def error_lines(error: Any) -> list[str]:
    """A function's error object, for people: type and message, and the frames of its own code."""
    if not isinstance(error, dict):
        return [json.dumps(error)]
    head = ": ".join(str(error[key]) for key in ("errorType", "errorMessage") if error.get(key))
    frames = [line for frame in error.get("stackTrace") or () for line in str(frame).rstrip().splitlines()]
    return [head, *frames]


def _report(answer: Answer, asynchronous: bool, as_json: bool) -> int:
    failed = "x-amz-function-error" in answer.headers
    tail = base64.b64decode(answer.headers.get("x-amz-log-result", ""))
    log = tail.decode(errors="replace")
    request_id = answer.headers.get("x-amzn-requestid", "")
    if as_json:
        result = json.loads(answer.body) if answer.body else None
        said = {"status": answer.status, "request_id": request_id, "failed": failed, "result": result, "log": log}
        click.echo(json.dumps(said, ensure_ascii=False))
    elif asynchronous:
        click.echo(f"queued  {request_id}")
    else:
        if len(tail) >= _LOG_TAIL:
            click.echo("… the log is longer; this is its end (4 KB, as on AWS), all of it is where ebl runs", err=True)
        click.echo(log, err=True, nl=not log.endswith("\n") and bool(log))
        if failed:
            for line in error_lines(json.loads(answer.body)):
                click.echo(line, err=True)
        else:
            click.echo(answer.body.decode(errors="replace"))
    return FAILED if failed else OK


def _sample(name: str) -> str:
    """The sample of that name, or the only one whose name begins so."""
    begin = [known for known in NAMES if known.startswith(name)]
    found = name if name in NAMES else begin[0] if len(begin) == 1 else None
    if found is None:
        many = "several" if begin else "no"
        raise Failure(USAGE, f"{many} sample events {name!r}; there are: {', '.join(begin or NAMES)}.")
    return (SAMPLES / f"{found}.json").read_text(encoding="utf-8")
