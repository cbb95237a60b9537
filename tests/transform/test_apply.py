"""Admission and rendering.  The texts and bodies were recorded on AWS (2024-2026) or follow from what was."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.transform import InputContext, InvalidRendering, InvalidTransform, check_input, compile_input

DETAIL = {
    "text": "hello",
    "quoted": 'say "hello"',
    "lines": "one\ntwo",
    "umlaut": "für",
    "number": 4.5,
    "flag": True,
    "nothing": None,
    "object": {"id": "0a-1", "n": [1]},
    "list": ["HIGH"],
    "numbers": [1, 2],
}
EVENT = {
    "version": "0",
    "id": "0d0a608b-b6bd-e22d-739b-365f723ccf4b",
    "detail-type": "Order",
    "source": "shop",
    "account": "000000000000",
    "time": "2026-01-02T03:04:05Z",
    "region": "us-east-1",
    "resources": ["r"],
    "detail": DETAIL,
}
CONTEXT = InputContext(
    event=EVENT,
    event_text=json.dumps(EVENT, separators=(",", ":"), ensure_ascii=False),
    rule_name="paid",
    rule_arn="arn:aws:events:us-east-1:000000000000:rule/paid",
    ingestion_time=1767323046.789,
)
PATHS = {name: f"$.detail.{name}" for name in (*DETAIL, "missing")} | {"root": "$", "all": "$.detail.numbers[*]"}


def template(text: str) -> dict[str, Any]:
    return {"Id": "one", "InputTransformer": {"InputTemplate": text, "InputPathsMap": PATHS}}


def body(target: dict[str, Any]) -> str:
    check_input(target)
    return compile_input(target)(CONTEXT)


@pytest.mark.parametrize(
    ("member", "text", "expected"),
    [
        ("InputPath", "$", CONTEXT.event_text),
        ("InputPath", "$.detail.text", '"hello"'),
        ("InputPath", "$.detail.umlaut", '"für"'),
        ("InputPath", "$.detail.object", '{"id":"0a-1","n":[1]}'),
        ("InputPath", "$.detail.nothing", "{}"),
        ("InputPath", "$.detail.missing", "{}"),
        ("InputPath", "$.detail.missing[*]", "[]"),
        ("Input", '{ "a": 1 }', '{ "a": 1 }'),
        ("Input", "null", "null"),
        ("Input", "", ""),
    ],
)
def test_input_and_path(member: str, text: str, expected: str) -> None:
    assert body({"Id": "one", member: text}) == expected


def test_without_input_the_event_is_delivered() -> None:
    assert body({"Id": "one"}) == CONTEXT.event_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # an object: values outside quotes, text between them
        ('{"v": <text>}', '{"v": "hello"}'),
        ('{"v":"<text>"}', '{"v":"hello"}'),
        ('{"v":<quoted>,"w":"<quoted>"}', '{"v":"say \\"hello\\"","w":"say \\"hello\\""}'),
        ('{"v":"a <lines> b"}', '{"v":"a one\\ntwo b"}'),
        ('{"v":<number>,"w":"<number>"}', '{"v":4.5,"w":"4.5"}'),
        ('{"v":<flag>,"w":<nothing>}', '{"v":true,"w":null}'),
        ('{"v":<object>,"w":<list>}', '{"v":{"id":"0a-1","n":[1]},"w":["HIGH"]}'),
        ('{"v":<missing>,"w":"<missing>"}', '{"v":"","w":""}'),
        ('{"v":"<numbers>"}', '{"v":"[1,2]"}'),
        ('{"v":<all>,"w":<all>}', '{"v":[1,2],"w":[1,2]}'),
        ('{"v":{"w":[<text>,"fixed"]}}', '{"v":{"w":["hello","fixed"]}}'),
        ('{"v":"\\"<text>\\""}', '{"v":"\\"hello\\""}'),
        ('\n {"v":<text>}', '\n {"v":"hello"}'),
        ('{"v":"a < b > c <unclosed"}', '{"v":"a < b > c <unclosed"}'),
        # anything else: plain text without quotes
        ('"Event of <text>"', '"Event of hello"'),
        ('"{[/ <umlaut>"', '"{[/ für"'),
        ('"<missing>"', '""'),
        ('"<object> <list> <flag> <nothing>"', '"{id:0a-1,n:[1]} [HIGH] true null"'),
        ('"<text>"\n"<text>"', '"hello"\n"hello"'),
        ("[<number>, 1]", "[4.5, 1]"),
        ('["<text>"]', '["hello"]'),
        ("<number>", "4.5"),
        ("<numbers>", "[1,2]"),
        ("<missing>", ""),
        ("7", "7"),
        # reserved variables
        (
            '{"n":<aws.events.rule-name>,"a":"<aws.events.rule-arn>","t":<aws.events.event.ingestion-time>}',
            '{"n":"paid","a":"arn:aws:events:us-east-1:000000000000:rule/paid","t":"2026-01-02T03:04:06.789Z"}',
        ),
        ('"<aws.events.rule-name> at <aws.events.event.ingestion-time>"', '"paid at 2026-01-02T03:04:06.789Z"'),
        ('{"e":<aws.events.event.json>}', f'{{"e":{CONTEXT.event_text}}}'),
        (
            '{"e": <aws.events.event>}',
            '{"e": {"id":"0d0a608b-b6bd-e22d-739b-365f723ccf4b","account":"000000000000","detailType":"Order",'
            '"time":1767323045000,"source":"shop","region":"us-east-1","resources":["r"],"version":"0"}}',
        ),
    ],
)
def test_template(text: str, expected: str) -> None:
    assert body(template(text)) == expected


@pytest.mark.parametrize(
    ("text", "attempted"),
    [
        ('{"v":"<object>"}', '{"v":"{"id":"0a-1","n":[1]}"}'),
        ('{"v":"users/<list>"}', '{"v":"users/["HIGH"]"}'),
        ('"say <quoted>"', '"say say "hello""'),
        ('"<lines>"', '"one\ntwo"'),
        ("<text>", "hello"),
        ("[<text>]", "[hello]"),
        ('[{"v":<missing>}]', '[{"v":}]'),
    ],
)
def test_body_that_is_not_json(text: str, attempted: str) -> None:
    with pytest.raises(InvalidRendering) as failed:
        body(template(text))
    assert failed.value.body == attempted


INVALID = "Invalid InputTemplate for target one : [Source: (String)"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            {"Input": "{}", "InputTransformer": {"InputTemplate": "{}"}},
            "Only one of Input, InputPath, or InputTransformer must be provided for target one.",
        ),
        ({"Input": "{"}, 'JSON syntax error in input for target one: [Source: (String)"{"; line: 1, column: 1]'),
        ({"Input": "NaN"}, 'JSON syntax error in input for target one: [Source: (String)"NaN"; line: 1, column: 1]'),
        ({"InputPath": "$..a"}, "InputPath for target one is invalid."),
        (
            {"InputTransformer": {"InputTemplate": "1", "InputPathsMap": {"unused": "$.a.*"}}},
            "InputPath for target one is invalid.",
        ),
        (template('{"v":<nowhere>}'), "InputTemplate for target one contains invalid placeholder nowhere."),
        (template('"<aws.events.no>"'), "InputTemplate for target one contains invalid placeholder aws.events.no."),
        *(
            (
                template(text.replace("E", "<aws.events.event>")),
                "InputTemplate for target one contains placeholder aws.events.event valid only for JSON template.",
            )
            for text in ("E", '"E"', '{"v":"E"}', '{"v":[E]}', '[{"v":E}]')
        ),
        (template("Hello <text>"), INVALID + '"Hello null"; line: 1, column: 1].'),
        (template('{"<text>":1}'), INVALID + '"{"variable":1}"; line: 1, column: 3].'),
        (template('{"v":\n<text> x}'), INVALID + '"{"v":\nnull x}"; line: 2, column: 1].'),
        (template("<text> <text>"), INVALID + '"null null"; line: 1, column: 6].'),
    ],
)  # fmt: skip
def test_refused(target: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidTransform) as refused:
        check_input({"Id": "one", **target})
    assert refused.value.message == message


pieces = st.sampled_from([*'"{}[]:,<>\\ \nv1', *(f"<{name}>" for name in PATHS)])
values = st.recursive(
    st.none() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_never_fails_otherwise(text: str) -> None:
    target = template(text)
    try:
        check_input(target)
    except InvalidTransform:
        return
    try:
        compile_input(target)(CONTEXT)
    except InvalidRendering as failed:
        assert isinstance(failed.body, str)  # noqa: PT017 - any body will do


@given(values)
def test_an_object_template_is_sound_whatever_the_value(value: object) -> None:
    target = {"Id": "one", "InputTransformer": {"InputTemplate": '{"v":<v>}', "InputPathsMap": {"v": "$.detail.v"}}}
    context = InputContext({"detail": {"v": value}}, "", "", "", 0)
    assert json.loads(compile_input(target)(context)) == {"v": value}


@pytest.mark.parametrize("text", ["[" * 8192, '{"a":' * 1600, "<" * 8192, '"' * 8192, '"\\' * 4096, "<text>" * 1365])
def test_a_hostile_template_is_refused(text: str) -> None:
    with pytest.raises(InvalidTransform):
        check_input(template(text))
