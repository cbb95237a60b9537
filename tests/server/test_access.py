"""Who may talk to the server: a web page may not, whatever it calls itself."""

import pytest

from emulator.server.access import refusal

PAGE = {"host": "localhost:4566", "origin": "http://localhost:4566"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:4566", "LOCALHOST:4566", "127.0.0.1:4566", "127.0.0.2", "[::1]:4566", "x.localhost:1"],
)
def test_this_machine_is_known(host: str) -> None:
    assert refusal({"host": host}) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "example.com",
        "example.com:4566",
        "10.0.0.5:4566",
        "localhost.example.com",
        "evil-localhost",
        "aws:4566",
        "[::2]",
        "localhost:80@evil.com",
        "[::1]evil.com",
        "[::1]:4566:1",
        "localhost:",
        "localhost, evil.com",
        "evil.com, localhost",
    ],
)
def test_a_foreign_host_is_refused_and_told_how_to_be_allowed(host: str) -> None:
    problem = refusal({"host": host})
    assert problem is not None
    assert "EBL_ALLOWED_HOSTS" in problem


@pytest.mark.parametrize("host", ["aws:4566", "aws", "a.internal.test"])
def test_hosts_can_be_allowed_by_name_or_suffix(host: str) -> None:
    assert refusal({"host": host}, {"aws", "*.internal.test"}) is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://example.com",
        "null",
        "http://localhost:3000",
        "https://localhost:4566",
        "http://[evil",
        "http://evil.example, http://localhost:4566",
        "http://localhost:4566/",
    ],
)
def test_another_origin_is_refused(origin: str) -> None:
    assert "another site" in str(refusal(PAGE | {"origin": origin}))


def test_the_case_of_a_host_does_not_count() -> None:
    assert refusal({"host": "LOCALHOST:4566", "origin": "http://localhost:4566"}) is None


def test_a_proxy_may_speak_https_for_an_allowed_name() -> None:
    assert refusal({"host": "ebl.test", "origin": "https://ebl.test"}, {"ebl.test"}) is None


def test_its_own_pages_are_served() -> None:
    assert refusal(PAGE | {"sec-fetch-site": "same-origin"}) is None


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site", "same-origin, cross-site", "x"])
def test_a_cross_site_request_without_an_origin_is_refused(site: str) -> None:
    """An <img> or a form of another page sends no Origin with GET."""
    assert "another site" in str(refusal({"host": "localhost", "sec-fetch-site": site}))
