"""Which web pages may reach a function on this machine: the table of what browsers send."""

from typing import Any

import pytest

from emulator.services.lambda_.url_cors import Cors
from emulator.services.lambda_.url_pages import refusal

HOST = f"{'a' * 32}.lambda-url.us-east-1.localhost:4566"
BROWSER = {"host": HOST, "user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}
APP = {"AllowOrigins": ["https://app.example"]}
ALL = {"AllowOrigins": ["*"]}


def refused(headers: dict[str, str], cors: dict[str, Any] | None = None) -> bool:
    return refusal({**BROWSER, **headers}, Cors(cors)) is not None


@pytest.mark.parametrize("cors", [None, APP, ALL, {"AllowOrigins": []}])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://evil.example/localhost"},
        {"origin": "https://app.example.evil.example"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "user-agent": ""},
        {"sec-fetch-site": "cross-site", "user-agent": "curl/8"},
        {"origin": "https://app.example,https://evil.example"},
    ],
)
def test_a_page_of_another_site_is_refused(headers: dict[str, str], cors: dict[str, Any] | None) -> None:
    assert refused(headers, cors)


@pytest.mark.parametrize(
    ("headers", "cors"),
    [
        ({}, None),
        ({"sec-fetch-site": "none"}, None),
        ({"sec-fetch-site": "same-origin"}, None),
        ({"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}, None),
        ({"origin": "https://app.example", "sec-fetch-site": "cross-site"}, APP),
        ({"origin": "HTTPS://APP.example", "sec-fetch-site": "cross-site"}, APP),
        ({"origin": "http://localhost:3000", "sec-fetch-site": "cross-site"}, ALL),
        ({"origin": "http://127.0.0.1:5173"}, ALL),
        ({"origin": "http://[::1]:5173"}, ALL),
        ({"origin": "http://shop.localhost"}, ALL),
    ],
)
def test_pages_that_are_meant_are_not(headers: dict[str, str], cors: dict[str, Any] | None) -> None:
    assert not refused(headers, cors)


@pytest.mark.parametrize("agent", ["curl/8.5", "python-httpx/0.28", None])
def test_what_is_no_browser_is_told_what_aws_says(agent: str | None) -> None:
    headers = {"host": HOST, "origin": "https://other.example"}
    assert refusal(headers | ({} if agent is None else {"user-agent": agent}), Cors(APP)) is None
