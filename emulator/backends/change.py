"""What comes of a request to a neighbour, as values: something may have changed, or it came to nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A request to a neighbour that was answered without an error, and is none that only reads.

    `service` as in `boto3.client(service)`, `operation` as AWS has it (empty when it could not be told), `trace` the
    X-Ray header of the request.
    """

    service: str
    operation: str
    account: str
    region: str
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a call to a neighbour came to nothing.

    `code` and `message` are what the service answered; `status` is the answer's, and 0 when there was none to read:
    then `code` says why (`ConnectionError`, `Timeout`, `InvalidResponse`, `NotInstalled`, `NoCredentials`,
    `ValidationError`).
    """

    code: str
    message: str
    status: int = 0

    @property
    def may_pass(self) -> bool:
        """Is it worth another try?  As SDKs decide it: throttled, late, unreachable, or the service's own fault."""
        if self.status == 0:
            return self.code in ("ConnectionError", "Timeout", "InvalidResponse")
        return (self.status >= 500 and self.status != 501) or self.status == 429 or "Throttl" in self.code
