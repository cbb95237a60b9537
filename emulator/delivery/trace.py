"""The X-Ray trace that travels beside an event: which header counts, and the form in which it arrives.  Pure.

Recorded on AWS, Sep 2026: what PutEvents was given, and the AWSTraceHeader of the message at an SQS target.
"""

import re
from collections.abc import Callable

_ROOT = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")
_PARENT = re.compile(r"[0-9a-fA-F]{16}")
_SAMPLED = ("0", "1", "?")
_KNOWN = ("Root", "Parent", "Sampled")
_LINEAGE = ";Lineage="
_PASSED = re.compile(r"Lineage=(\d{1,9}):")
_CAUSE = re.compile(r"Lineage=\d+:([0-9a-f]{8}):\d+")


def trace_of(entry_header: str | None, http_header: str | None, new_root: Callable[[], str]) -> str | None:
    """The header to deliver, or None for no trace.

    `entry_header` is the entry's TraceHeader: it counts even when it is useless; `http_header` (X-Amzn-Trace-Id) counts
    only where the entry has none.  `new_root` makes a root such as `1-6ab2832c-0123456789abcdef01234567`.
    """
    header = http_header if entry_header is None else entry_header
    return normalised(header, new_root) if header else None


def normalised(header: str, new_root: Callable[[], str]) -> str | None:
    """`header` in AWS's form: Root, Parent and Sampled where they are valid, then the other fields by name."""
    fields = _fields(header)
    last = dict(fields)  # of a field that comes twice, the last one counts
    root, sampled = last.get("Root", ""), last.get("Sampled", "")
    parents = [value for name, value in fields if name == "Parent" and _PARENT.fullmatch(value)]
    parent = parents[-1] if parents else ""  # but here, the last valid one
    if sampled not in _SAMPLED:
        sampled = ""
    if not _ROOT.fullmatch(root):
        if sampled != "0":
            return None
        root = new_root()
    if sampled == "1" and parent != parent.lower():
        return None
    known = zip(_KNOWN, (root.lower(), parent, sampled), strict=True)
    others = sorted((name, value) for name, value in last.items() if name not in _KNOWN)
    return ";".join(
        [f"{name}={value}" for name, value in known if value] + [f"{name}={value}" for name, value in others]
    )


def seen_by_function(header: str, request_id: str) -> str:
    """The header that an invocation sees: what it was given, and its place in the chain of functions.

    Recorded on AWS, Sep 2026: `;Lineage=1:e30f1941:0` is added; it is the same in every retry of one invocation, and
    its first number grows with each function on the way.  What AWS's eight digits are made of is not known; here they
    are the first of the request's id, so that whatever the handler sends says which invocation sent it.
    """
    before, found, rest = header.partition(_LINEAGE)
    if not found:
        return f"{header};Lineage=1:{request_id[:8]}:0"
    lineage, end, after = rest.partition(";")
    passed = lineage.partition(":")[0]
    hops = int(passed) + 1 if passed.isdecimal() and lineage.count(":") == 2 else 1
    return f"{before}{end}{after};Lineage={hops}:{request_id[:8]}:0"


def cause_of(header: str | None) -> str | None:
    """The first eight digits of the request id of the invocation whose handler sent this header; None for others."""
    found = _CAUSE.search(header) if header else None
    return found[1] if found else None


def cause(request_id: str) -> str:
    """What names an invocation, or a delivery, as the cause of an event: as it stands in a lineage."""
    return request_id[:8]


def functions_before(header: str) -> int:
    """How many functions, each causing the next, this header has passed."""
    found = _PASSED.search(header) if _LINEAGE in header else None
    return int(found[1]) if found else 0


def _fields(header: str) -> list[tuple[str, str]]:
    """`Root=1-…; Foo=;bare` -> `[("Root", "1-…"), ("Foo", "")]`."""
    pairs = (field.strip().partition("=") for field in header.split(";"))
    return [(name, value) for name, sign, value in pairs if sign and name]
