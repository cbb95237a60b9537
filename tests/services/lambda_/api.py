"""The operations of `lambda` on a whole emulator: real code, real archives, a virtual clock, dice that fall as told."""

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from emulator.app import Emulator
from emulator.clock import VirtualClock
from emulator.errors import AwsError
from emulator.wire.http import HttpRequest, HttpResponse
from emulator.wire.service import Members, Scope
from tests.runtime.zips import zipped

ACCOUNT, REGION = "000000000000", "us-east-1"
START = 1_700_000_000.357
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
GIVEN: Members = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "app.handler", "Role": ROLE}
ZIP_ERROR = "Could not unzip uploaded file. Please check your file, then try to upload again."
NO_FUNCTION = ("ResourceNotFoundException", f"Function not found: {ARN}")
CODE = zipped(
    {
        "app.py": "import os\ndef handler(event, context):\n"
        "    return [1, context.function_version, context.invoked_function_arn, os.environ.get('TABLE')]\n"
    }
)
TWO = zipped({"app.py": "def handler(event, context):\n    return 2\n"})

T = TypeVar("T")


class Api:
    """`api("CreateFunction", FunctionName="f", …)` answers the members or raises AwsError; what is to happen in the
    next turn of the loop has happened then.  `dice` is what they show."""

    def __init__(self, state: str | Path = ":memory:", snapshots: Path = Path("snapshots")) -> None:
        self._runner = asyncio.Runner()
        self.dice = 1.0
        self.clock = VirtualClock(START)
        self.emulator = self.run(self._started(state, snapshots))
        self.store = self.emulator.store

    def __call__(self, operation: str, /, **members: Any) -> Members:
        return self.run(self.emulator.api("lambda", operation, members))

    def of(self, account: str, operation: str, /, **members: Any) -> Members:
        """As another account."""
        return self.run(self.emulator.api("lambda", operation, members, Scope(account, REGION)))

    def create(self, name: str = "f", /, code: bytes = CODE, **members: Any) -> Members:
        return self("CreateFunction", **{**GIVEN, "FunctionName": name, "Code": {"ZipFile": code}, **members})

    def refused(self, operation: str, /, **members: Any) -> tuple[str, str]:
        """Code and text of the refusal."""
        with pytest.raises(AwsError) as caught:
            self(operation, **members)
        return caught.value.code, caught.value.message

    def invoked(self, name: str = "f", **members: Any) -> Any:
        """What the handler answered."""
        answer = self("Invoke", FunctionName=name, **members)
        assert "FunctionError" not in answer, answer["Payload"]
        return json.loads(answer["Payload"])

    def http(self, method: str, path: str, body: Any = None, query: str = "") -> HttpResponse:
        """Through the endpoint, as it is on the wire."""
        scope = f"Credential={ACCOUNT}/20260913/{REGION}/lambda/aws4_request"
        headers = {"authorization": f"AWS4-HMAC-SHA256 {scope}, x", "host": "localhost:4566"}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.run(self.emulator.handle(HttpRequest(method, path, query, headers, data)))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(coroutine)

    def close(self) -> None:
        self.run(self.emulator.stop())
        self._runner.close()

    async def _started(self, state: str | Path, snapshots: Path) -> Emulator:
        emulator = Emulator(state=state, clock=self.clock, snapshots=snapshots, dice=lambda: self.dice)
        await emulator.start()
        return emulator
