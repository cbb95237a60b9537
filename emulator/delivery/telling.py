"""What the worker tells of a delivery, as steps."""

from emulator.clock import Clock
from emulator.delivery.ended import Ended
from emulator.delivery.result import By, Status
from emulator.delivery.retry import Decision, Done, GiveUp, Retry
from emulator.delivery.steps import Kind, Step, Steps
from emulator.store.deliveries import Delivery
from emulator.store.letters import Letter


class Telling:
    """`details["by"]` is whose attempt it is, eventbridge or lambda: `attempt` and `retries` are counted by him."""

    def __init__(self, steps: Steps, clock: Clock) -> None:
        self._steps = steps
        self._clock = clock

    def start(self, delivery: Delivery, at: float, duplicate: By | None = None) -> None:
        by = By.LAMBDA if ":lambda:" in delivery.target_arn else By.EVENTBRIDGE
        second = {} if duplicate is None else {"duplicate": duplicate.value}
        self._tell(Kind.INVOCATION_ATTEMPT_START, delivery, delivery.attempts + 1, at, by=by.value, **second)

    def end(self, ended: Ended, decision: Decision, retries: int) -> None:
        details: dict[str, object] = {"result": ended.result, "by": ended.result.by.value}
        match decision:
            case Done():
                kind = Kind.INVOCATION_ATTEMPT_SUCCESS
            case Retry(at, expires):
                throttled = ended.result.status is Status.THROTTLED
                kind = Kind.INVOCATION_ATTEMPT_THROTTLE if throttled else Kind.INVOCATION_ATTEMPT_RETRYABLE_FAILURE
                next_ = "expires_at" if expires else "retry_at"
                details |= {next_: at, "retries": retries, "virtual": self._clock.virtual}
            case GiveUp(condition):
                kind = Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE if ended.is_attempt else Kind.INVOCATION_FAILURE
                details["condition"] = condition
        self._tell(kind, ended.delivery, ended.attempt, ended.ended, **details)

    def copy(self, ended: Ended) -> None:
        """A second copy has ended; nothing follows from that."""
        assert ended.duplicate is not None
        ok = ended.result.status is Status.SUCCESS
        kind = Kind.INVOCATION_ATTEMPT_SUCCESS if ok else Kind.INVOCATION_ATTEMPT_PERMANENT_FAILURE
        details = {"result": ended.result, "by": ended.result.by.value, "duplicate": ended.duplicate.value}
        self._tell(kind, ended.delivery, ended.attempt, ended.ended, **details)

    def letter(self, delivery: Delivery, letter: Letter) -> None:
        """A dead letter, or the record for a destination: sent, or why it could not be."""
        kind = Kind.INVOCATION_DLQ if letter.kind == "dlq" else Kind.FUNCTION_DESTINATION
        self._tell(
            kind, delivery, 0, letter.at, by=letter.by, to=letter.target_arn, sort=letter.kind, status=letter.status,
            error_type=letter.error_type, error_message=letter.error_message, reference=letter.reference,
        )  # fmt: skip

    def _tell(self, kind: Kind, delivery: Delivery, attempt: int, at: float, **details: object) -> None:
        self._steps.tell(
            Step(kind, at, delivery.bus, delivery.event_id, delivery.rule, delivery.target_arn, attempt, details)
        )
