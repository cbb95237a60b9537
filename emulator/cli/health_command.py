"""`ebl health` with options; without any, `emulator.__main__` answers before this is imported."""

import json

import click

from emulator.cli import health, options
from emulator.cli.client import endpoint_url
from emulator.cli.exits import FAILED, OK


@click.command("health")
@options.endpoint()
@options.as_json()
def command(endpoint: str | None, as_json: bool) -> int:
    """Is the server ready?  Prints nothing; exit code 0 or 1.

    \b
      ebl health && echo ready
      HEALTHCHECK CMD ["ebl", "health"]
    """
    url = endpoint_url(endpoint)
    ready = health.ready(url)
    if as_json:
        click.echo(json.dumps({"ready": ready, "endpoint": url}))
    return OK if ready else FAILED
