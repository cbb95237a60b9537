"""What a function URL sends of what a function answers, recorded on AWS (Sep 2026)."""

import base64
import json
from typing import Any

import pytest

from emulator.services.lambda_.url_cors import Cors
from emulator.services.lambda_.url_front import answer_of, preflight_of
from emulator.wire.http import HttpRequest
from tests.conformance.cases import FOLDER, cases

ROWS = cases("function-url.jsonl")
CORS = json.loads((FOLDER / "function-url-common.json").read_text())["cors"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
def test_answer(row: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in row["request_headers"]}
    request = HttpRequest(row["method"], "/", "", headers)
    cors = Cors(CORS if row["cors"] else None)
    answer = preflight_of(request, cors)
    assert (answer is not None) == row["preflight"]
    if answer is None:
        payload = base64.b64decode(row["runtime_payload_base64"])
        answer = answer_of(
            request, cors, row["invoke_mode"], payload,
            failed=row["function_error"], stream_type=row["runtime_content_type"] if row["streamed"] else None,
        )  # fmt: skip
    assert answer.status == row["status"]
    assert [list(header) for header in answer.headers] == row["headers"]
    assert answer.body == base64.b64decode(row["body_base64"])
