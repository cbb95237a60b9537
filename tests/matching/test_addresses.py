import pytest

from emulator.matching.addresses import Block, InvalidBlock, address, block


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("10.0.0.1", "0A000001"),
        ("010.0.0.01", "0A000001"),
        ("255.255.255.255", "FFFFFFFF"),
        ("::1", "0" * 31 + "1"),
        ("0:0:0:0:0:0:0:1", "0" * 31 + "1"),
        ("00001::", "0001" + "0" * 28),
        ("1:2:3:4:5:6:7::", "0001000200030004000500060007" + "0000"),
        ("::ffff:a00:1", "0A000001"),
        ("2001:DB8::", "20010DB8" + "0" * 24),
    ],
)
def test_address(text: str, digits: str) -> None:
    assert address(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10.0.0",
        "256.0.0.1",
        "10.0.0.1 ",
        "1.2.3.4.5",
        "0000000000.0.0.1",
        "a:b",
        ":",
        ":::",
        "1::2::3",
        "1:2:",
        ":1::",
        "12345::",
        "1:2:3:4:5:6:7::8",
        "1:2:3:4:5:6:7:8:9",
        "::1%eth0",
        "::ffff:10.0.0.1",
        "١.١.١.١",
        ":" * 5000,
    ],
)
def test_no_address(text: str) -> None:
    assert address(text) is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("10.0.0.1/24", "0A000000", "0A0000FF"),
        ("10.0.0.0/0", "00000000", "FFFFFFFF"),
        ("10.0.0.0/8///", "0A000000", "0AFFFFFF"),
        ("10.0.0.1/+31", "0A000000", "0A000001"),
        ("::/127", "0" * 32, "0" * 31 + "1"),
    ],
)
def test_block(text: str, low: str, high: str) -> None:
    assert block(text) == Block(low, high)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10.0.0.1", "Malformed CIDR, one '/' required"),
        ("/", "Malformed CIDR, one '/' required"),
        ("10.0.0.0/8/8", "Malformed CIDR, one '/' required"),
        ("10.0.0.0/ 8", "Malformed CIDR, mask bits must be an integer"),
        ("10.0.0.0/99999999999", "Malformed CIDR, mask bits must be an integer"),
        ("x/-1", "Malformed CIDR, mask bits must not be negative"),
        ("/8", "Nonstandard IP address: "),
        ("host/8", "Nonstandard IP address: host"),
        ("300.0.0.0/8", "Invalid IP address: 300.0.0.0"),
        ("a:b/8", "Invalid IP address: a:b"),
        ("10.0.0.0/32", "IPv4 mask bits must be < 32"),
        ("::ffff:a00:1/104", "IPv4 mask bits must be < 32"),
        ("::1/128", "IPv6 mask bits must be < 128"),
    ],
)
def test_no_block(text: str, reason: str) -> None:
    with pytest.raises(InvalidBlock) as refused:
        block(text)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("within", "digits", "holds"),
    [
        ("10.0.0.0/8", "0A000000", True),
        ("10.0.0.0/8", "0B000000", False),
        ("10.0.0.0/8", "0A000000" + "F" * 24, True),  # a00:: is cut to the digits of IPv4
        ("::/0", "00000000", False),  # the bounds themselves lie outside for shorter runs
        ("::/0", "0A000001", True),
        ("::/0", "FFFFFFFF", False),
        ("0.0.0.0/0", "1", True),  # the text of a JSON number
        ("0.0.0.0/0", "0", False),
        ("0.0.0.0/0", "-1", False),
        ("0.0.0.0/0", "1.5", True),
        ("16.16.16.0/24", "10101010", True),
    ],
)
def test_holds(within: str, digits: str, holds: bool) -> None:
    assert block(within).holds(digits) is holds
