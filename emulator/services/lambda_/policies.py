"""The policy of a function, of one of its versions or of an alias: the document that is kept, and what is refused.

Texts recorded on AWS (September 2026) but where a comment says otherwise.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from emulator.delivery.statements import Statement
from emulator.errors import AwsError
from emulator.ids import new_id
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, invalid, not_found
from emulator.store.functions import LATEST
from emulator.store.settings import SettingKey

MAXIMUM_SIZE = 20_480
"""Bytes (AWS documentation, 2026: the function policy's quota)."""

Document = Mapping[str, Any]
_EMPTY: Document = {"Version": "2012-10-17", "Id": "default", "Statement": []}


def key_of(name: FunctionName) -> SettingKey:
    return SettingKey("policy", name.account, name.region, name.name, name.qualifier or LATEST)


def find(call: Call, name: FunctionName) -> tuple[Document, str] | None:
    """The document and its revision; `fn:$LATEST` has none of its own."""
    found = None if name.qualifier == LATEST else call.store.settings.find(key_of(name))
    return None if found is None else (found.members["Policy"], found.members["RevisionId"])


def required(call: Call, name: FunctionName) -> tuple[Document, str]:
    found = find(call, name)
    if found is None:
        raise not_found("The resource you requested does not exist.")
    return found


def keep(call: Call, name: FunctionName, document: Document) -> str:
    """In the place of what was there; the new revision."""
    size = len(text_of(document).encode())
    if size > MAXIMUM_SIZE:  # the text is from the reports of AWS's users
        raise AwsError(
            "PolicyLengthExceededException",
            f"The final policy size ({size}) is bigger than the limit ({MAXIMUM_SIZE}).",
            {"Type": "User"},
        )
    revision = new_id()
    with call.store.transaction():
        call.store.settings.put(key_of(name), {"Policy": document, "RevisionId": revision}, call.clock.now())
    return revision


def drop(call: Call, name: FunctionName) -> None:
    with call.store.transaction():
        call.store.settings.remove(key_of(name))


def with_statement(document: Document | None, statement: Statement) -> Document:
    document = document or _EMPTY
    return {**document, "Statement": [*document["Statement"], statement]}


def without(document: Document, sid: str) -> Document:
    return {**document, "Statement": [one for one in document["Statement"] if one.get("Sid") != sid]}


def sids(document: Document | None) -> Sequence[str]:
    return [] if document is None else [one.get("Sid", "") for one in document["Statement"]]


def text_of(document: Document | Statement) -> str:
    """As Lambda shows it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def check_revision(given: str | None, current: str | None, operation: str) -> None:
    """The revision of the policy counts, not that of the function; there is none before the first statement."""
    if given is not None and given != current:
        raise AwsError(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id."
            f" Call the {operation} API to retrieve the latest Revision Id",
            {"Type": "User"},
        )


def refuse_latest(name: FunctionName) -> None:
    if name.qualifier == LATEST:
        raise invalid("We currently do not support adding policies for $LATEST.")
