"""Talk to a running server over HTTP, with nothing but the standard library: a command must start at once."""

import http.client
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from emulator.cli import place
from emulator.cli.exits import FAILED, OK, TIMEOUT, UNREACHABLE, USAGE, Failure


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are lower-case; `url` is the server's."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"{}")
        except ValueError as error:
            raise self.foreign() from error

    def foreign(self) -> Failure:
        """Somebody else has answered."""
        kind = self.headers.get("content-type", "").partition(";")[0] or "something else"
        return Failure(UNREACHABLE, f"{self.url} is not EventBridge Local: it answered {kind}, not JSON.")


def endpoint_url(given: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """Where the server is, without a slash at the end.  Failure when that is no address."""
    url = (given or place.default_url(environ)).rstrip("/")
    if not _is_url(url):
        if not given and not environ.get("EBL_ENDPOINT") and not environ.get("AWS_ENDPOINT_URL"):
            raise Failure(USAGE, f"EBL_PORT is {environ['EBL_PORT']!r}: it should be a number from 1 to 65535.")
        raise Failure(USAGE, f"endpoint {url!r} is not a URL such as http://localhost:4566.")
    return url


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, a [ without its ]
        return False


class Server:
    """The server at `url`.  What goes wrong ends the command: 3 when nobody answers, 1 when the answer is an error."""

    def __init__(self, given: str | None, environ: Mapping[str, str] = os.environ) -> None:
        self.url = endpoint_url(given, environ)
        self._environ = environ
        self._parts = urlsplit(self.url)

    def events(self, operation: str, members: Mapping[str, Any] | str) -> Any:
        """Call an operation of EventBridge; `members` as JSON text is sent as it is."""
        body = members if isinstance(members, str) else json.dumps(members)
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AWSEvents.{operation}"}
        return _accepted(self.send("POST", "/", body.encode(), headers, service="events")).json()

    def get(self, path: str) -> Any:
        """What one of the server's own paths says."""
        return _accepted(self.send("GET", path)).json()

    def act(self, path: str, members: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """Ask one of the server's own paths to do something: OK, or TIMEOUT when it took too long, and what it says."""
        body = b"" if members is None else json.dumps(members).encode()
        answer = self.send("POST", path, body, {"Content-Type": "application/json"})
        return (TIMEOUT, answer.json()) if answer.status == 408 else (OK, _accepted(answer).json())

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None, service: str = ""
    ) -> Answer:
        """One request.  With a `service` it is addressed as an SDK would: the scope says account and region."""
        connect = http.client.HTTPSConnection if self._parts.scheme == "https" else http.client.HTTPConnection
        connection = connect(self._parts.hostname or "", self._parts.port)
        try:
            connection.request(method, path, body, {**(headers or {}), **self._authorization(service)})
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, received, response.read(), self.url)
        except (OSError, http.client.HTTPException) as error:
            raise Failure(UNREACHABLE, self._nobody(error)) from error
        finally:
            connection.close()
        if answer.headers.get("content-type", "").partition(";")[0].endswith(("html", "xml")):
            raise answer.foreign()
        return answer

    def _authorization(self, service: str) -> dict[str, str]:
        """The signature is not checked by the server; its scope names the account (of the key) and the region."""
        if not service:
            return {}
        key, region = place.access_key(self._environ), place.region(self._environ)
        scope = f"{key}/20260101/{region}/{service}/aws4_request"
        return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"}

    def _nobody(self, error: Exception) -> str:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return f"no server answers at {self.url} ({reason}). Start it with `ebl`, or name another with --endpoint."


def _accepted(answer: Answer) -> Answer:
    if answer.status < 400:
        return answer
    raise Failure(FAILED, refusal(answer))


def refusal(answer: Answer) -> str:
    """Why the server said no: an AWS error, or FastAPI's."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = {}
    code = str(said.get("__type") or answer.headers.get("x-amzn-errortype") or "").rpartition("#")[2].partition(":")[0]
    message = said.get("message") or said.get("Message") or said.get("detail") or answer.body.decode(errors="replace")
    if isinstance(message, list):  # FastAPI's, one for each parameter
        message = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in message)
    return ": ".join(part for part in (code or f"HTTP {answer.status}", str(message)) if part)
