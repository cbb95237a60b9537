"""The shape of config.yaml, key by key: each key carries the sentence that documents it.

Only shape: what a name means, and whether it exists, is not known here. AWS's own spellings (`EventPattern`,
`Targets: [{Id, Arn, InputTransformer}]`) are second names of ours, so that people can paste.
The numbers are AWS's (botocore's models of events and lambda; a test holds them against those).
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

MAX_TARGETS = 5  # per rule: AWS's quota, recorded: a sixth is LimitExceededException

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_SIZE = re.compile(r"(\d+)\s*(MB|GB)", re.IGNORECASE)


def duration(value: Any) -> Any:
    """Seconds, from `10s`, `1m`, `2h`, `500ms`, `1d` or a plain number."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"should be a duration such as 10s, 1m or 2h, not {value!r}")
    return float(found[1]) * _UNITS[found[2] or "s"]


def seconds(value: Any) -> float | None:
    """Of a duration that was written with its unit; None for everything else."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) * _UNITS[found[2]] if found and found[2] else None


def _megabytes(value: Any) -> Any:
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else int(found[1]) * (1024 if found[2].upper() == "GB" else 1)


def _or_nothing(kind: type[Any]) -> BeforeValidator:
    """A key that is written without a value is as good as no key."""
    return BeforeValidator(lambda value: kind() if value is None else value)


def _text(value: Any) -> Any:
    """The value of an environment variable: everything there is text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value


def _short_target(value: Any) -> Any:
    """`charge` and `arn:…` are short for `{function: charge}` and `{arn: …}`."""
    if isinstance(value, str):
        return {"arn" if value.startswith("arn:") else "function": value}
    return value


def _key(name: str, sentence: str, *, aws: str = "", default: Any = None, **constraints: Any) -> Any:
    """A key of the file; `aws` is AWS's name of it."""
    names = AliasChoices(name, aws) if aws else name
    return Field(default, validation_alias=names, description=sentence, **constraints)


def _collection(name: str, sentence: str, kind: type[Any], *, aws: str = "") -> Any:
    return Field(default_factory=kind, validation_alias=AliasChoices(name, aws) if aws else name, description=sentence)


class Shape(BaseModel):
    """A mapping with known keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class BusShape(Shape):
    """`buses.NAME`"""

    description: str | None = _key("description", "What the bus is for.", aws="Description", max_length=512)


class RetryShape(Shape):
    """`retry` of a target"""

    attempts: int | None = _key(
        "attempts", "How often to try again, 0 to 185.", aws="MaximumRetryAttempts", ge=0, le=185
    )
    max_age: Annotated[float | None, BeforeValidator(lambda value: value if value is None else duration(value))] = _key(
        "max_age",
        "No attempt any more when the event is older than this, 60s to 24h.",
        aws="MaximumEventAgeInSeconds",
        ge=60,
        le=86400,
    )


class TransformerShape(Shape):
    """`transformer` of a target"""

    paths: Annotated[dict[str, str], _or_nothing(dict)] = _collection(
        "paths", "Names for parts of the event, as JSON paths: `{id: $.detail.id}`.", dict, aws="InputPathsMap"
    )
    template: Any = _key(
        "template", "What the target gets: text, or a mapping, with `<id>` where a part goes.", aws="InputTemplate"
    )


class DeadLetterShape(Shape):
    """`dlq` of a target or a function"""

    arn: str = _key("arn", "The queue, as its name or ARN.", aws="Arn", default="", max_length=1600)
    target_arn: str = _key("target_arn", "The same, as Lambda has it.", aws="TargetArn", default="", max_length=1600)

    @property
    def queue(self) -> str:
        return self.arn or self.target_arn


def _short_letters(value: Any) -> Any:
    return {"arn": value} if isinstance(value, str) else value


DeadLetters = Annotated[DeadLetterShape | None, BeforeValidator(_short_letters)]


class DestinationShape(Shape):
    """`on_failure` and `on_success` of a function"""

    function: str | None = _key("function", "The function that gets the record, by name.")
    sqs: str | None = _key("sqs", "The queue that gets it, by name.", min_length=1, max_length=80)
    bus: str | None = _key("bus", "The event bus that gets it as an event, by name.")
    arn: str | None = _key("arn", "Where it goes, as an ARN.", aws="Destination", min_length=1, max_length=1600)


Destination = Annotated[DestinationShape | None, BeforeValidator(_short_target)]


class CorsShape(Shape):
    """`cors` of a function's `url`"""

    origins: Annotated[list[Annotated[str, Field(min_length=1, max_length=253)]], _or_nothing(list)] = _collection(
        "origins", "Pages of these origins may use the URL: `[http://localhost:3000]`; `*` for those of this machine.",
        list, aws="AllowOrigins",
    )  # fmt: skip
    methods: Annotated[list[Annotated[str, Field(max_length=6)]], _or_nothing(list)] = _collection(
        "methods", "With these methods, or `*`.", list, aws="AllowMethods"
    )
    headers: Annotated[list[Annotated[str, Field(max_length=1024)]], _or_nothing(list)] = _collection(
        "headers", "With these headers, or `*`.", list, aws="AllowHeaders"
    )
    expose: Annotated[list[Annotated[str, Field(max_length=1024)]], _or_nothing(list)] = _collection(
        "expose", "These headers of the answer may be read.", list, aws="ExposeHeaders"
    )
    credentials: bool = _key("credentials", "With cookies, or without.", aws="AllowCredentials", default=False)
    max_age: Annotated[float | None, BeforeValidator(lambda value: value if value is None else duration(value))] = _key(
        "max_age", "How long a browser may remember this, 0s to 24h.", aws="MaxAge", ge=0, le=86400
    )


class UrlShape(Shape):
    """`url` of a function"""

    auth: Literal["NONE", "AWS_IAM"] = _key(
        "auth", "Who may call it: `NONE` for everybody, `AWS_IAM` for requests that are signed.", aws="AuthType",
        default="NONE",
    )  # fmt: skip
    invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] = _key(
        "invoke_mode", "`RESPONSE_STREAM` sends the answer as it comes, `BUFFERED` when it is complete.",
        aws="InvokeMode", default="BUFFERED",
    )  # fmt: skip
    cors: CorsShape | None = _key("cors", "Which pages of other sites may use it; without it, none.", aws="Cors")


def _short_url(value: Any) -> Any:
    """`true` is short for a URL with nothing special about it, `false` for none."""
    return {} if value is True else None if value is False else value


class TargetShape(Shape):
    """An item of `targets`"""

    function: str | None = _key("function", "The function to invoke, by name.")
    bus: str | None = _key("bus", "The event bus to send the event to, by name; made when it is first named.")
    sqs: str | None = _key(
        "sqs", "The queue to send the event to, by name; made when it is first named.", min_length=1, max_length=80
    )
    arn: str | None = _key("arn", "The target as an ARN, taken as it is.", aws="Arn", min_length=1, max_length=1600)
    id: str | None = _key(
        "id",
        "The id of the target within its rule; without it the name of what it leads to.",
        aws="Id",
        min_length=1,
        max_length=64,
    )
    input: Any = _key(
        "input", "What the target gets instead of the event: a mapping, a list, or JSON in quotes.", aws="Input"
    )
    input_path: str | None = _key(
        "input_path", "The part of the event that the target gets: `$.detail`.", aws="InputPath", max_length=256
    )
    input_paths: Annotated[dict[str, str], _or_nothing(dict)] = _collection(
        "input_paths", "Names for parts of the event, for `input_template`: `{id: $.detail.id}`.", dict
    )
    input_template: Any = _key(
        "input_template", "What the target gets: text, or a mapping, with `<id>` where a part goes."
    )
    transformer: TransformerShape | None = _key(
        "transformer", "`input_paths` and `input_template` in one, as AWS has it.", aws="InputTransformer"
    )
    retry: RetryShape | None = _key(
        "retry", "What happens when the target cannot be reached: AWS's default is 185 attempts within 24 hours.",
        aws="RetryPolicy",
    )  # fmt: skip
    dlq: DeadLetters = _key(
        "dlq", "The queue, by name, for events that could not be handed to the target; made when it is first named.",
        aws="DeadLetterConfig",
    )  # fmt: skip
    role_arn: str | None = _key(
        "role_arn",
        "A role; kept and shown, nothing is checked against it.",
        aws="RoleArn",
        min_length=1,
        max_length=1600,
    )


class RuleShape(Shape):
    """`rules.NAME`"""

    name: str | None = _key("name", "The rule's name, where it is not the key.", aws="Name")
    bus: str | None = _key(
        "bus", "The event bus of the rule, made when it is first named; without it `default`.", aws="EventBusName"
    )
    pattern: Any = _key("pattern", "Which events: an event pattern, as a mapping or as JSON.", aws="EventPattern")
    schedule: str | None = _key(
        "schedule", "When: `rate(5 minutes)` or `cron(0 3 * * ? *)`, in UTC, on the default bus.",
        aws="ScheduleExpression",
    )  # fmt: skip
    enabled: bool | None = _key("enabled", "`false` keeps the rule without running it.")
    state: Literal["ENABLED", "DISABLED"] | None = _key(
        "state", "`enabled` in AWS's words: ENABLED or DISABLED.", aws="State"
    )
    description: str | None = _key("description", "What the rule is for.", aws="Description", max_length=512)
    role_arn: str | None = _key(
        "role_arn",
        "A role; kept and shown, nothing is checked against it.",
        aws="RoleArn",
        min_length=1,
        max_length=1600,
    )
    targets: Annotated[list[Annotated[TargetShape, BeforeValidator(_short_target)]], _or_nothing(list)] = _collection(
        "targets", "Up to five: the name of a function, an ARN, or a mapping of the keys below.", list, aws="Targets"
    )


Seconds = Annotated[float, BeforeValidator(duration)]


class FunctionShape(Shape):
    """`functions.NAME`"""

    path: str | None = _key(
        "path", "The file or folder, from config.yaml; without it `functions/NAME.py` or `functions/NAME/`."
    )
    handler: str | None = _key(
        "handler", "The handler, as `file.function`; without it `handler`, `lambda_handler` or `handle` is found.",
        max_length=128, pattern=r"^\S+$",
    )  # fmt: skip
    env: Annotated[dict[str, Annotated[str, BeforeValidator(_text)]], _or_nothing(dict)] = _collection(
        "env", "Environment variables of the handler; every value is text.", dict
    )
    timeout: Seconds = _key(
        "timeout", "How long one invocation may take: 3s as on AWS, at most 15m; below 1s, for tests, is shown as 1.",
        default=3, gt=0, le=900,
    )  # fmt: skip
    memory: Annotated[int, BeforeValidator(_megabytes)] = _key(
        "memory",
        "Memory in MB, 128 to 10240; handlers are told so, and a process that holds more is killed (on Linux).",
        default=128,
        ge=128,
        le=10240,
    )
    retries: int = _key(
        "retries", "How often a failed asynchronous invocation is tried again: 0 to 2, after one and then two minutes.",
        default=2, ge=0, le=2,
    )  # fmt: skip
    max_event_age: Seconds = _key(
        "max_event_age",
        "No retry any more when the event is older than this, 60s to 6h.",
        default=21600,
        ge=60,
        le=21600,
    )
    dlq: DeadLetters = _key(
        "dlq", "The queue, by name, for events that the function failed on to the last; made when it is first named.",
        aws="DeadLetterConfig",
    )  # fmt: skip
    on_failure: Destination = _key(
        "on_failure",
        "Who hears of an asynchronous invocation that failed to the last: a mapping, or a function's name.",
    )
    on_success: Destination = _key("on_success", "Who hears of an asynchronous invocation that succeeded.")
    url: Annotated[UrlShape | None, BeforeValidator(_short_url)] = _key(
        "url", "A function URL: `true`, or a mapping of the keys below."
    )
    reserved_concurrency: int | None = _key(
        "reserved_concurrency", "So many invocations may run at once, `0` for none; further ones are throttled.",
        aws="concurrency", ge=0,
    )  # fmt: skip
    allow_real_aws: Annotated[list[str], _or_nothing(list)] = _collection(
        "allow_real_aws",
        "AWS services that the handler may really call, such as `[sts]`; all other calls stay local.",
        list,
    )
    runtime: str | None = _key(
        "runtime",
        "The runtime, such as `python3.13`, `nodejs22.x` or `provided.al2023`; without it what the code looks like.",
    )
    executor: Literal["in-process", "process"] | None = _key(
        "executor",
        "Where the handler runs: `in-process`, on a thread of the emulator, or `process`, in processes of its own. "
        "Only Python can run in-process.",
    )
    role: str | None = _key("role", "A role ARN; kept and shown, nothing is checked against it.")
    description: str | None = _key("description", "What the function is for.", max_length=256)


class ServiceShape(Shape):
    """`services.NAME`"""

    endpoint: str | None = _key(
        "endpoint", "Where the service is: `http://elasticmq:9324`. A host of AWS's is the real AWS."
    )
    real: bool = _key(
        "real", "`true`: the service is the real AWS, called with your own credentials; nothing else leads there.",
        default=False,
    )  # fmt: skip


def _short_service(value: Any) -> Any:
    """`http://…` is short for `{endpoint: http://…}`."""
    return {"endpoint": value} if isinstance(value, str) else value


class FileShape(Shape):
    """config.yaml"""

    region: str = _key(
        "region", "The region of what the file makes.", default="us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d+$"
    )
    account: str = _key(
        "account", "The account of what the file makes: 12 digits.", default="000000000000", pattern=r"^\d{12}$"
    )
    host: str = _key("host", "The address to listen on; 0.0.0.0 for all.", default="127.0.0.1")
    port: int = _key("port", "The port to listen on; 0 for any free one.", default=4566, ge=0, le=65535)
    allowed_hosts: Annotated[list[str], _or_nothing(list)] = _collection(
        "allowed_hosts", "More host names by which clients may call the server.", list
    )
    functions_dir: str = _key("functions_dir", "Where functions are looked for, from config.yaml.", default="functions")
    max_depth: int = _key(
        "max_depth", "Functions that may cause each other, event after event, before it is taken for a loop.",
        default=16, ge=1, le=1000,
    )  # fmt: skip
    services: Annotated[
        dict[str, Annotated[ServiceShape, BeforeValidator(_short_service), _or_nothing(dict)]], _or_nothing(dict)
    ] = _collection(
        "services", "Services of AWS that are answered by another endpoint than moto, by boto3's name: `sqs`.", dict
    )
    permissions: Literal["off", "warn", "enforce"] = _key(
        "permissions",
        "What a missing permission to run a function does: `off` nothing, `warn` says so, `enforce` refuses.",
        default="warn",
    )  # fmt: skip
    executor: Literal["in-process", "process"] = _key(
        "executor", "Where functions run that do not say it themselves: `in-process` or `process`.",
        default="in-process",
    )  # fmt: skip
    queues: Annotated[list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]], _or_nothing(list)] = _collection(
        "queues", "Queues, by name; only needed for those that no target and no `dlq` names.", list
    )
    buses: Annotated[dict[str, Annotated[BusShape, _or_nothing(dict)]], _or_nothing(dict)] = _collection(
        "buses", "Event buses, by name; only needed for a description or for a bus that nothing else names.", dict
    )
    rules: Annotated[dict[str, Annotated[RuleShape, _or_nothing(dict)]], _or_nothing(dict)] = _collection(
        "rules", "Rules, by name.", dict
    )
    functions: Annotated[dict[str, Annotated[FunctionShape, _or_nothing(dict)]], _or_nothing(dict)] = _collection(
        "functions",
        "Functions, by name; only needed for what cannot be inferred, every functions/NAME.py is the function NAME.",
        dict,
    )
