"""By whose policy a delivery is tried again: EventBridge's until its target has it, after that the sender's, which is
Lambda's.
"""

import random

from emulator.delivery.aftermath import Aftermath
from emulator.delivery.ended import Ended
from emulator.delivery.result import By, Status
from emulator.delivery.retry import PERMANENT, Decision, Done, GiveUp, RetryPolicy, decide
from emulator.delivery.senders import Senders
from emulator.store.deliveries import Delivery


class Policies:
    """Each is read when it is needed: a target or a function may have changed meanwhile."""

    def __init__(self, senders: Senders, aftermath: Aftermath | None) -> None:
        self._senders = senders
        self._aftermath = aftermath
        self._dice = random.Random(0)  # a run can be repeated: its jitter is the same

    def decide(self, ended: Ended) -> Decision:
        """What follows from an attempt."""
        if ended.result.status is Status.SUCCESS:
            return Done()
        policy = self.of(ended.delivery, ended.result.by)
        if policy is None:
            return GiveUp(PERMANENT)
        # Dice are thrown for EventBridge's retries alone.
        chance = self._dice.random() if policy.jitter else 0.0
        return decide(
            policy, attempt=ended.attempt, created=ended.accepted, result=ended.result, now=ended.ended, chance=chance
        )

    def of(self, delivery: Delivery, by: By) -> RetryPolicy | None:
        """None when nobody can deliver there."""
        if by is By.EVENTBRIDGE and self._aftermath is not None:
            return self._aftermath.policy(delivery)
        sender = self._senders.sender(delivery.target_arn)
        return None if sender is None else sender.policy(delivery)

    def retries(self, ended: Ended) -> int:
        """How often such an attempt is tried again at most."""
        policy = None if ended.result.status is Status.SUCCESS else self.of(ended.delivery, ended.result.by)
        return 0 if policy is None else policy.attempts - 1
