"""From Pending to Active, and from InProgress to Successful: in the next turn of the loop, when the answer is written.

Whoever waits for a state sees it at once; whoever looks at the answers alone sees what AWS answers.  Nobody has to
wait: a function can be invoked, and changed, from the moment it was created.
"""

import asyncio
from dataclasses import replace

from emulator.ids import new_id
from emulator.services.call import Call
from emulator.services.lambda_.names import FunctionName, conflict, not_found, required
from emulator.store.database import Store
from emulator.store.functions import FunctionRow


def settle_soon(call: Call) -> None:
    """After the answer of this call."""
    asyncio.get_running_loop().call_soon(settle_all, call.store)


def changeable(call: Call, name: FunctionName) -> FunctionRow:
    """`$LATEST`, settled: nobody has to wait before he changes it."""
    if call.store.functions.unsettled():
        settle_all(call.store)
    return required(call, name)


def settle_all(store: Store) -> None:
    """Whatever is on its way has arrived; its revision is another one then (recorded on AWS, Sep 2026)."""
    unsettled = store.functions.unsettled()
    if unsettled:
        with store.transaction():
            for row in unsettled:
                store.functions.put(settled(row))


def settled(row: FunctionRow) -> FunctionRow:
    return replace(row, state="Active", last_update="Successful", revision_id=new_id())


def check_unchanged(call: Call, row: FunctionRow) -> None:
    """Somebody else may have been faster while something was awaited."""
    found = call.store.functions.find(*row.key)
    if found is None:
        raise not_found(f"Function not found: {row.arn}")
    if found.revision_id != row.revision_id:
        raise conflict(
            f"The operation cannot be performed at this time. An update is in progress for resource: {row.arn}"
        )
