"""Durable executions.  None can be started here (Invoke refuses a DurableExecutionName, and a function that is
durable), so there is never one to be found; each operation answers as Lambda does then.

Shapes and errors from the model (2026); the texts are ours.
"""

from collections.abc import Sequence
from datetime import datetime

from emulator.services.call import Call
from emulator.services.lambda_.names import invalid, named, not_found, qualified
from emulator.services.lambda_.pages import paged
from emulator.services.lambda_.service import lambda_api
from emulator.wire.service import Members


@lambda_api.operation("ListDurableExecutionsByFunction")
def list_durable_executions_by_function(
    call: Call,
    *,
    function_name: str,
    qualifier: str | None = None,
    durable_execution_name: str | None = None,
    statuses: Sequence[str] | None = None,
    started_after: datetime | None = None,
    started_before: datetime | None = None,
    reverse_order: bool | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Members:
    """The function must be there; of executions there are none, whatever is asked for."""
    name = named(call, function_name, qualifier)
    qualified(call, name)
    none: list[str] = []
    _, rest = paged(call, ("ListDurableExecutionsByFunction", name), none, str, max_items, marker)
    return {"DurableExecutions": [], **rest}


def _no_execution(call: Call, *, durable_execution_arn: str) -> Members:
    raise not_found(f"Durable execution not found: {durable_execution_arn}")


def _no_token(call: Call, *, durable_execution_arn: str, checkpoint_token: str) -> Members:
    """The model knows no ResourceNotFoundException of these: who has no execution has no token."""
    raise invalid(f"Invalid checkpoint token for durable execution {durable_execution_arn}")


def _nothing_to_stop(call: Call, *, durable_execution_arn: str) -> Members:
    """As of a token."""
    raise invalid(f"Durable execution not found: {durable_execution_arn}")


def _no_callback(call: Call, *, callback_id: str) -> Members:
    raise not_found(f"Callback not found: {callback_id}")


for _operation in (
    "GetDurableExecution", "GetDurableExecutionHistory", "PauseDurableExecution", "ResumeDurableExecution",
    "DeleteDurableExecution",
):  # fmt: skip
    lambda_api.operation(_operation)(_no_execution)
for _operation in ("CheckpointDurableExecution", "GetDurableExecutionState"):
    lambda_api.operation(_operation)(_no_token)
lambda_api.operation("StopDurableExecution")(_nothing_to_stop)
for _outcome in ("Success", "Failure", "Heartbeat"):
    lambda_api.operation(f"SendDurableExecutionCallback{_outcome}")(_no_callback)
