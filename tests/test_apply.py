"""config.yaml into the emulator: everything or nothing, and again, without touching what others made."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.app import Emulator
from emulator.apply import Applied, Change, apply
from emulator.arn import Arn
from emulator.clock import VirtualClock
from emulator.config import Bus, Config, Function, Rule, Target, parse
from emulator.config.not_yet import undeliverable
from emulator.config.result import Address
from emulator.errors import AwsError, ConfigError
from emulator.services.call import Call
from emulator.services.events import events
from emulator.services.lambda_ import lambda_api
from emulator.store.buses import BusKey
from emulator.store.queues import Message, QueueKey
from emulator.store.settings import Kind, SettingKey
from emulator.wire.service import Members, Scope
from tests.runtime.zips import zipped

ACCOUNT, REGION = "111111111111", "us-east-1"
START = 1_700_000_000.25

CHARGE = Function(name="charge", code=Path("/p/functions/charge.py"), environment={"A": "1"}, retries=1)
PAID = Rule(name="paid", bus="shop", pattern='{"source":["shop"]}', targets=(Target(id="charge", function="charge"),))
NIGHTLY = Rule(name="nightly", schedule="rate(1 day)", targets=(Target(id="charge", function="charge"),))
CONFIG = Config(
    account=ACCOUNT,
    region=REGION,
    buses=(Bus(name="shop", description="d"),),
    rules=(PAID, NIGHTLY),
    functions=(CHARGE,),
)
EMPTY = Config(account=ACCOUNT, region=REGION)


class Api:
    """The operations of `events` in process, on an emulator whose clock stands still."""

    def __init__(self, state: str | Path = ":memory:") -> None:
        self.clock = VirtualClock(START)
        self.emulator = Emulator(state=state, clock=self.clock)
        self.store = self.emulator.store

    def __call__(self, operation: str, /, **members: Any) -> Members:
        answer = events.call(self.call(ACCOUNT, REGION), operation, members)
        assert isinstance(answer, dict)
        return answer

    def call(self, account: str, region: str) -> Call:
        return self.emulator.call(Scope(account, region), "request", {})

    def close(self) -> None:
        self.store.close()
        self.emulator.executor.close()


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.close()


def applied(api: Api, config: Config) -> Applied:
    return apply(config, api.call("999999999999", "eu-west-1"))


def rules(api: Api, bus: str = "default") -> list[str]:
    return [rule["Name"] for rule in api("ListRules", EventBusName=bus)["Rules"]]


def targets(api: Api, rule: str = "paid", bus: str = "shop") -> list[str]:
    return [target["Id"] for target in api("ListTargetsByRule", Rule=rule, EventBusName=bus)["Targets"]]


def buses(api: Api) -> list[str]:
    return [bus["Name"] for bus in api("ListEventBuses")["EventBuses"]]


def everything(api: Api) -> list[tuple[Any, ...]]:
    """All that is stored."""
    connection = api.store._connection
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [(table, *row) for table in tables for row in connection.execute(f"SELECT * FROM {table}")]


def test_everything_is_made_through_the_api(api: Api) -> None:
    result = applied(api, CONFIG)
    assert str(result) == "1 bus added, 1 function added, 2 rules added"
    assert api("DescribeEventBus", Name="shop")["Description"] == "d"
    assert api("DescribeRule", Name="paid", EventBusName="shop")["EventPattern"] == PAID.pattern
    assert api("ListTargetsByRule", Rule="paid", EventBusName="shop")["Targets"] == [
        {"Id": "charge", "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:charge"}
    ]
    row = api.store.functions.find(ACCOUNT, REGION, "charge")
    assert row is not None
    assert (row.code, row.environment, row.modified) == ("/p/functions/charge.py", {"A": "1"}, START)
    setting = api.store.settings.find(SettingKey("event_invoke", ACCOUNT, REGION, "charge", "$LATEST"))
    assert setting is not None
    assert setting.members == {"MaximumRetryAttempts": 1}
    assert row.runtime.startswith("python3.")
    assert row.revision_id


def settings(api: Api) -> dict[str, Any]:
    """What is set about the function charge, by kind."""
    kinds: tuple[Kind, ...] = ("event_invoke", "concurrency", "url")
    found = [each for kind in kinds for each in api.store.settings.of(kind, ACCOUNT, REGION, "charge")]
    return {each.key.kind: {name: value for name, value in each.members.items() if name != "UrlId"} for each in found}


def test_what_is_said_about_a_function_is_set_and_taken_away(api: Api) -> None:
    url = {"AuthType": "NONE", "InvokeMode": "BUFFERED"}
    charge = replace(CHARGE, on_failure=Address(bus="shop"), reserved_concurrency=3, url=url)
    applied(api, replace(CONFIG, functions=(charge,)))
    assert settings(api) == {
        "event_invoke": {
            "MaximumRetryAttempts": 1,
            "DestinationConfig": {"OnFailure": {"Destination": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/shop"}},
        },
        "concurrency": {"ReservedConcurrentExecutions": 3},
        "url": url,
    }
    [before] = api.store.settings.of("url", ACCOUNT, REGION, "charge")
    assert str(applied(api, replace(CONFIG, functions=(replace(charge, reserved_concurrency=4),)))) == (
        "1 function changed"
    )
    assert api.store.settings.of("url", ACCOUNT, REGION, "charge") == [before]  # the address stays
    assert str(applied(api, replace(CONFIG, functions=(replace(CHARGE, retries=2),)))) == "1 function changed"
    assert settings(api) == {}
    applied(api, replace(CONFIG, rules=(), functions=(charge,)))
    applied(api, EMPTY)
    assert settings(api) == {}


def test_what_the_api_set_about_a_function_of_the_file_stays(api: Api) -> None:
    plain = replace(CONFIG, functions=(replace(CHARGE, retries=2),))
    applied(api, plain)
    call = api.call(ACCOUNT, REGION)
    lambda_api.call(call, "PutFunctionConcurrency", {"FunctionName": "charge", "ReservedConcurrentExecutions": 7})
    assert str(applied(api, plain)) == "nothing changed"
    assert settings(api) == {"concurrency": {"ReservedConcurrentExecutions": 7}}


def test_applying_it_again_changes_nothing(api: Api) -> None:
    applied(api, CONFIG)
    before = everything(api)
    api.clock.advance(hours=1)
    assert str(applied(api, CONFIG)) == "nothing changed"
    assert everything(api) == before


def test_what_the_file_no_longer_names_goes(api: Api) -> None:
    applied(api, CONFIG)
    result = applied(api, EMPTY)
    assert str(result) == "2 rules removed, 1 function removed, 1 bus removed"
    assert rules(api) == []
    assert buses(api) == ["default"]
    assert api.store.functions.all(ACCOUNT, REGION) == []
    assert api.store.applied.scopes() == set()


def test_what_it_made_is_known_after_a_restart(tmp_path: Path) -> None:
    api = Api(tmp_path / "state")
    applied(api, CONFIG)
    api.close()
    again = Api(tmp_path / "state")
    assert str(applied(again, EMPTY)) == "2 rules removed, 1 function removed, 1 bus removed"
    again.close()


def test_rules_of_the_api_live_beside_those_of_the_file(api: Api) -> None:
    applied(api, CONFIG)
    api("PutRule", Name="mine", EventBusName="shop", EventPattern='{"source": ["x"]}')
    applied(api, CONFIG)
    assert rules(api, "shop") == ["mine", "paid"]
    assert str(applied(api, EMPTY)) == "2 rules removed, 1 function removed"
    assert rules(api, "shop") == ["mine"]
    api("DeleteRule", Name="mine", EventBusName="shop")
    assert str(applied(api, EMPTY)) == "1 bus removed"


def test_a_bus_of_the_api_stays_though_the_file_names_it(api: Api) -> None:
    api("CreateEventBus", Name="shop", Description="mine")
    assert Change("changed", "bus", "shop") in applied(api, CONFIG).changes
    applied(api, EMPTY)
    assert buses(api) == ["default", "shop"]


def test_a_rule_of_the_api_becomes_the_files_when_the_file_names_it(api: Api) -> None:
    api("CreateEventBus", Name="shop")
    api("PutRule", Name="paid", EventBusName="shop", EventPattern='{"source": ["x"]}')
    assert Change("changed", "rule", "paid") in applied(api, CONFIG).changes
    applied(api, EMPTY)
    assert rules(api, "shop") == []


def test_targets_of_the_api_stay_beside_those_of_the_file(api: Api) -> None:
    applied(api, CONFIG)
    mine = {"Id": "mine", "Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x"}
    api("PutTargets", Rule="paid", EventBusName="shop", Targets=[mine])
    renamed = replace(PAID, targets=(Target(id="other", function="charge"),))
    applied(api, replace(CONFIG, rules=(renamed,)))
    assert targets(api) == ["mine", "other"]
    applied(api, EMPTY)
    assert buses(api) == ["default"]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (replace(CONFIG, rules=(replace(PAID, pattern='{"source":["y"]}'), NIGHTLY)), "1 rule changed"),
        (replace(CONFIG, rules=(replace(PAID, state="DISABLED"), NIGHTLY)), "1 rule changed"),
        (replace(CONFIG, rules=(replace(PAID, description="d"), NIGHTLY)), "1 rule changed"),
        (replace(CONFIG, rules=(replace(PAID, targets=()), NIGHTLY)), "1 rule changed"),
        (replace(CONFIG, rules=(replace(PAID, bus="default"), NIGHTLY), buses=()),
         "1 rule removed, 1 rule added, 1 bus removed"),
        (replace(CONFIG, functions=(replace(CHARGE, timeout=9),)), "1 function changed"),
        (replace(CONFIG, buses=(Bus(name="shop", description="e"),)), "1 bus changed"),
        (replace(CONFIG, buses=(Bus(name="shop"),)), "nothing changed"),
    ],
)  # fmt: skip
def test_only_what_differs_is_changed(api: Api, changed: Config, what: str) -> None:
    applied(api, CONFIG)
    assert str(applied(api, changed)) == what


def test_a_function_that_changes_is_a_new_revision(api: Api) -> None:
    applied(api, CONFIG)
    first = api.store.functions.find(ACCOUNT, REGION, "charge")
    api.clock.advance(seconds=5)
    applied(api, replace(CONFIG, functions=(replace(CHARGE, environment={"A": "2"}),)))
    second = api.store.functions.find(ACCOUNT, REGION, "charge")
    assert first is not None
    assert second is not None
    assert second.revision_id != first.revision_id
    assert second.modified == first.modified + 5


def test_what_the_api_changed_about_a_function_holds_until_the_file_is_applied_again(tmp_path: Path) -> None:
    (tmp_path / "charge.py").write_text("def handler(event, context): return 'file'")
    config = replace(CONFIG, functions=(replace(CHARGE, code=tmp_path / "charge.py"),))

    async def scenario() -> None:
        emulator = Emulator(clock=VirtualClock(START))
        scope = Scope(ACCOUNT, REGION)

        async def ask(operation: str, **members: Any) -> Members:
            return await emulator.api("lambda", operation, {"FunctionName": "charge", **members}, scope)

        await emulator.start()
        emulator.apply(config)
        await ask("PublishVersion")
        await ask("CreateAlias", Name="live", FunctionVersion="1")
        zip_file = zipped({"charge.py": "def handler(event, context): return 'zip'"})
        await ask("UpdateFunctionCode", ZipFile=zip_file)
        await ask("UpdateFunctionConfiguration", Timeout=77)
        assert (await ask("Invoke"))["Payload"] == b'"zip"'
        assert emulator.apply(config).changes == (Change("changed", "function", "charge"),)
        assert (await ask("Invoke"))["Payload"] == b'"file"'
        assert (await ask("GetFunctionConfiguration"))["Timeout"] == 3
        assert (await ask("Invoke", Qualifier="live"))["ExecutedVersion"] == "1"
        assert len(emulator.store.archives.collect()) == 1  # that of version 1
        assert emulator.apply(config).changes == ()
        assert {change.name for change in emulator.apply(EMPTY).changes} >= {"charge"}
        with pytest.raises(AwsError, match="Function not found"):
            await ask("GetFunction")
        await emulator.stop()

    asyncio.run(scenario())


def test_another_account_takes_everything_along(api: Api) -> None:
    applied(api, CONFIG)
    result = applied(api, replace(CONFIG, account="222222222222"))
    assert (
        str(result)
        == "2 rules removed, 1 function removed, 1 bus removed, 1 bus added, 1 function added, 2 rules added"
    )
    assert buses(api) == ["default"]
    assert api.store.applied.scopes() == {("222222222222", REGION)}


SNS = Target(id="q", arn=f"arn:aws:sns:{REGION}:{ACCOUNT}:q")
QUEUE = replace(PAID, name="queue", targets=(SNS,), key=("rules", "queue"))
BROKEN = replace(PAID, name="broken", pattern='{"source": 1}', key=("rules", "broken"))


@pytest.mark.parametrize("before", [EMPTY, CONFIG])
def test_a_refusal_leaves_everything_as_it_was(api: Api, before: Config) -> None:
    applied(api, before)
    stored = everything(api)
    changed = replace(PAID, pattern='{"source":["other"]}')
    with pytest.raises(ConfigError) as raised:
        applied(api, replace(CONFIG, rules=(changed, QUEUE, BROKEN), buses=(*CONFIG.buses, Bus(name="more"))))
    assert [problem.key for problem in raised.value.problems] == ["rules.queue.targets.0", "rules.broken"]
    assert everything(api) == stored


def test_after_a_refusal_events_go_where_they_went_before(api: Api) -> None:
    applied(api, CONFIG)
    key = BusKey(ACCOUNT, REGION, "shop")
    assert routed(api, key) == ["paid"]
    with pytest.raises(ConfigError):
        applied(api, replace(CONFIG, rules=(replace(PAID, pattern='{"source":["other"]}'), BROKEN)))
    assert routed(api, key) == ["paid"]
    with pytest.raises(ConfigError):
        applied(api, replace(CONFIG, rules=(BROKEN,)))
    assert routed(api, key) == ["paid"]


def routed(api: Api, bus: BusKey) -> list[str]:
    entry = {"Source": "shop", "DetailType": "t", "Detail": "{}", "EventBusName": bus.name}
    before = api.store.deliveries.unfinished()
    api("PutEvents", Entries=[entry])
    return ["paid"] * (api.store.deliveries.unfinished() - before)


def test_a_problem_points_into_the_file(api: Api, tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "charge.py").write_text("def handler(event, context): ...")
    text = "rules:\n  forward:\n    pattern: {source: [x]}\n    targets:\n      - charge\n"
    config = parse(text, tmp_path / "config.yaml", {})
    refused = replace(config, rules=(replace(config.rules[0], targets=(SNS,)),))
    with pytest.raises(ConfigError, match=r"config.yaml:5:9: rules.forward.targets\[0\]: .*does not deliver to"):
        applied(api, refused)


def test_what_somebody_else_took_away_is_made_again(api: Api) -> None:
    applied(api, CONFIG)
    api("RemoveTargets", Rule="paid", EventBusName="shop", Ids=["charge"])
    api("DeleteRule", Name="paid", EventBusName="shop")
    assert str(applied(api, CONFIG)) == "1 rule added"
    api("RemoveTargets", Rule="paid", EventBusName="shop", Ids=["charge"])
    api("DeleteRule", Name="paid", EventBusName="shop")
    assert str(applied(api, EMPTY)) == "1 rule removed, 1 function removed, 1 bus removed"


@pytest.mark.parametrize(
    "arn",
    [
        Arn("lambda", REGION, ACCOUNT, "function:f"),
        Arn("events", REGION, ACCOUNT, "event-bus/b"),
        Arn("sqs", REGION, ACCOUNT, "q"),
        Arn("sns", REGION, ACCOUNT, "t"),
    ],
)
def test_the_file_takes_the_kinds_of_target_that_the_emulator_delivers_to(api: Api, arn: Arn) -> None:
    assert (undeliverable(arn) is None) == (api.emulator.publisher.refusal(str(arn)) is None)


def test_an_error_that_is_no_refusal_leaves_everything_as_it_was_too(api: Api) -> None:
    applied(api, CONFIG)
    stored = everything(api)
    unwritable: Any = object()
    odd = replace(CHARGE, name="odd", environment={"A": unwritable})
    with pytest.raises(TypeError):
        applied(api, replace(CONFIG, functions=(odd,)))
    assert everything(api) == stored


def test_queues_come_and_go_with_what_names_them_but_never_with_messages_in_them(api: Api) -> None:
    target = Target(id="q", sqs="seen", dlq=Address(sqs="lost"))
    config = replace(CONFIG, rules=(replace(PAID, targets=(target,)),), queues=("extra",))
    assert "3 queues added" in str(applied(api, config))
    [put] = api.store.rules.targets(BusKey(ACCOUNT, REGION, "shop"), "paid")
    assert put.members["Arn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:seen"
    assert put.members["DeadLetterConfig"] == {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:lost"}
    lost = QueueKey(ACCOUNT, REGION, "lost")
    api.store.queues.send(lost, Message(id="m", body="", sent=0))
    assert "2 queues removed" in str(applied(api, EMPTY))
    api.store.queues.purge(lost)
    assert str(applied(api, EMPTY)) == "1 queue removed"


def test_rules_that_are_so_already_are_compared_in_a_few_queries(api: Api) -> None:
    """One by one against all that was made before, it took 7 s for 5,000; a save of the file stopped the server."""

    def queries(rules: int) -> int:
        many = replace(CONFIG, rules=tuple(replace(PAID, name=f"paid-{number}") for number in range(rules)))
        applied(api, many)
        asked: list[str] = []
        api.store._connection.set_trace_callback(asked.append)
        assert str(applied(api, many)) == "nothing changed"
        api.store._connection.set_trace_callback(None)
        return len(asked)

    few = queries(10)
    assert queries(300) <= few
    many = replace(CONFIG, rules=tuple(replace(PAID, name=f"paid-{number}") for number in range(300)))
    one_less = replace(many, rules=many.rules[1:])
    assert applied(api, one_less).changes == (Change("removed", "rule", "paid-0"),)
    assert targets(api, "paid-1") == ["charge"]


def test_a_timeout_below_a_second_is_shown_as_aws_could_have_it(api: Api) -> None:
    applied(api, replace(CONFIG, functions=(replace(CHARGE, timeout=0.5),)))
    shown = lambda_api.call(api.call(ACCOUNT, REGION), "GetFunctionConfiguration", {"FunctionName": "charge"})
    assert isinstance(shown, dict)
    assert shown["Timeout"] == 1
