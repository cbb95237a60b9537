"""What AWS has and this emulator has not yet: known, so that it is refused with a sentence and never taken quietly.

One table by key, one by ARN. When a kind is emulated, its line goes away here and the key appears in shapes.py.
"""

from emulator.arn import Arn
from emulator.config.shapes import BusShape, FileShape, FunctionShape, RuleShape, Shape, TargetShape

_FIFO = "FIFO queues are not emulated yet"
_SOURCES = "event sources are not emulated yet; a rule can invoke the function"
_TOPICS = "topics are not emulated yet"
_STREAMS = "streams are not emulated yet"
_HTTP = "API destinations are not emulated yet"
_NO_KEYS = "a bus's own queue gets what cannot be encrypted, and nothing is encrypted here; give the target a dlq"
_LOGS = "log groups are not emulated yet"
_MACHINES = "state machines are not emulated yet"
_TASKS = "ECS tasks are not emulated yet"
_JOBS = "Batch jobs are not emulated yet"
_COMMANDS = "Systems Manager is not emulated yet"
_REDSHIFT = "Redshift is not emulated yet"
_PIPELINES = "SageMaker pipelines are not emulated yet"
_GRAPHQL = "AppSync is not emulated yet"
_ARCHIVES = "archives are not emulated yet"
_SCHEDULER = "EventBridge Scheduler is not emulated yet; a rule can have a schedule"
_PIPES = "pipes are not emulated yet"
_TAGS = "tags cannot be set here yet; TagResource takes them"

NOT_YET: dict[type[Shape], dict[str, str]] = {
    FileShape: {
        "archives": _ARCHIVES, "schedules": _SCHEDULER, "pipes": _PIPES, "connections": _HTTP,
        "api_destinations": _HTTP, "topics": _TOPICS, "streams": _STREAMS,
        "buckets": "buckets cannot be made here yet; CreateBucket makes them",
        "tables": "tables cannot be made here yet; CreateTable makes them",
    },
    BusShape: {
        "policy": "bus policies cannot be set here yet; PutPermission takes them", "tags": _TAGS, "Tags": _TAGS,
        "dlq": _NO_KEYS, "DeadLetterConfig": _NO_KEYS, "archive": _ARCHIVES,
    },
    RuleShape: {"tags": _TAGS, "Tags": _TAGS},
    TargetShape: {
        "SqsParameters": _FIFO, "sns": _TOPICS, "stream": _STREAMS, "kinesis": _STREAMS,
        "firehose": _STREAMS, "KinesisParameters": _STREAMS, "http": _HTTP, "api": _HTTP, "HttpParameters": _HTTP,
        "logs": _LOGS, "state_machine": _MACHINES, "stepfunctions": _MACHINES, "ecs": _TASKS, "EcsParameters": _TASKS,
        "batch": _JOBS, "BatchParameters": _JOBS, "RunCommandParameters": _COMMANDS,
        "RedshiftDataParameters": _REDSHIFT, "SageMakerPipelineParameters": _PIPELINES,
        "AppSyncParameters": _GRAPHQL,
    },
    FunctionShape: {
        "destinations": "give the function on_failure and on_success",
        "layers": "layers are not emulated yet; put the packages into the Python that runs this",
        "events": _SOURCES, "sqs": _SOURCES,
        "vpc": "networks are not emulated", "tags": _TAGS,
    },
}  # fmt: skip

# By the service in the ARN of a target, or by service and type of resource.  A test holds the kinds that rules know
# by name, functions, buses and queues, against the senders of the emulator.
NOT_YET_ARNS: dict[str, str] = {
    "sns": _TOPICS, "kinesis": _STREAMS, "firehose": _STREAMS, "logs": _LOGS, "states": _MACHINES,
    "ecs": _TASKS, "batch": _JOBS, "ssm": _COMMANDS, "redshift": _REDSHIFT, "redshift-serverless": _REDSHIFT,
    "sagemaker": _PIPELINES, "appsync": _GRAPHQL, "execute-api": "API Gateway is not emulated yet",
    "codebuild": "CodeBuild is not emulated yet", "codepipeline": "CodePipeline is not emulated yet",
    "inspector": "Inspector is not emulated yet", "ssm-incidents": _COMMANDS, "events:api-destination": _HTTP,
}  # fmt: skip


_KNOWN = (("lambda", "function"), ("events", "event-bus"))


def undeliverable(arn: Arn) -> str | None:
    """A sentence why a target with this ARN cannot be delivered to yet, or None when it can."""
    kind = arn.resource.replace(":", "/").partition("/")[0]
    known = NOT_YET_ARNS.get(f"{arn.service}:{kind}") or NOT_YET_ARNS.get(arn.service)
    if known is None and arn.service != "sqs" and (arn.service, kind) not in _KNOWN:
        return f"targets of the service {arn.service!r} are not emulated"
    return known
