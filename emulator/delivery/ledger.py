"""Writes down what came of attempts: what follows from each, in one transaction for a batch, and tells it.

One row that cannot be written must not lose the others, or itself: it is pending then, and tried again later.
"""

import logging
from collections.abc import Sequence

from emulator.clock import Clock
from emulator.delivery.aftermath import Aftermath
from emulator.delivery.ended import Ended, attempt_of, state_of
from emulator.delivery.expiry import Expiry
from emulator.delivery.policies import Policies
from emulator.delivery.retry import Decision, Done, GiveUp
from emulator.delivery.steps import Steps
from emulator.delivery.telling import Telling
from emulator.store.database import Store, Unwritable
from emulator.store.deliveries import FAILED, PENDING, Settled
from emulator.store.letters import Letter

logger = logging.getLogger(__name__)

_UNWRITTEN_SECONDS = 5.0
"""After which to try again what could not be written: the disk is full, say."""

Later = list[tuple[float, int]]
"""When, and the number, of each delivery that is to be looked at again."""


class Ledger:
    """`aftermath` is None where nothing follows the end of a delivery."""

    def __init__(
        self, store: Store, clock: Clock, policies: Policies, expiry: Expiry, aftermath: Aftermath | None, steps: Steps
    ) -> None:
        self._store = store
        self._clock = clock
        self._policies = policies
        self._expiry = expiry
        self._aftermath = aftermath
        self._steps = steps
        self._telling = Telling(steps, clock)

    def write(self, batch: Sequence[Ended]) -> Later:
        """What came of these; which of them are to be tried again."""
        told = self._expiry.told(batch)
        decided = [(ended, self._policies.decide(ended)) for ended in told if ended.duplicate is None]
        copies = [ended for ended in told if ended.duplicate is not None]
        settled = [state_of(ended, decision) for ended, decision in decided]
        sent: dict[int, list[Letter]] = {}
        unwritten: Later = []
        self._write(decided, settled, sent, unwritten)
        if copies:
            self._write_copies(copies)
        if self._steps.wanted:
            for ended, decision in decided:
                self._telling.end(ended, decision, self._policies.retries(ended))
                for letter in sent.get(ended.delivery.id, ()):
                    self._telling.letter(ended.delivery, letter)
            for ended in copies:
                self._telling.copy(ended)
        again = {number for _, number in unwritten}
        return unwritten + [(row.due, row.id) for row in settled if row.state == PENDING and row.id not in again]

    def put_off(self, rows: Sequence[Settled]) -> None:
        """These wait for another moment, and no attempt has been made."""
        try:
            with self._store.transaction():
                self._store.deliveries.settle(rows, [])
        except Unwritable:  # they wait all the same; a next start would not know of it
            logger.exception("that %d deliveries are late could not be written", len(rows))

    def _write(
        self, decided: Sequence[tuple[Ended, Decision]], settled: Sequence[Settled], sent: dict[int, list[Letter]],
        unwritten: Later,
    ) -> None:  # fmt: skip
        """Adds to `sent` what was sent on, by delivery, and to `unwritten` what could not be written at all."""
        letters: dict[int, list[Letter]] = {}
        try:
            with self._store.transaction():
                self._store.deliveries.settle(settled, [attempt_of(e) for e, _ in decided if e.is_attempt])
                if self._aftermath is not None:
                    for ended, decision in decided:
                        if isinstance(decision, GiveUp) or (ended.result.on_success and isinstance(decision, Done)):
                            letters[ended.delivery.id] = self._aftermath.after(ended, decision)
        except Exception as error:
            logger.exception("what came of %d deliveries could not be written", len(decided))
            if len(decided) == 1:
                [(_, decision)], [row] = decided, settled
                # Of a success the state alone may still have room; what would be a dead letter must not be lost.
                succeeded = isinstance(error, Unwritable) and isinstance(decision, Done)
                keep = isinstance(error, Unwritable) and not succeeded
                unwritten += self._write_state(row if succeeded else row._replace(state=FAILED), keep)
            else:
                for pair, row in zip(decided, settled, strict=True):
                    self._write([pair], [row], sent, unwritten)
        else:
            sent |= letters

    def _write_state(self, row: Settled, keep: bool) -> Later:
        """That alone, without the attempt; or (`keep`) nothing: then it is delivered again, later."""
        if not keep:
            try:
                with self._store.transaction():
                    self._store.deliveries.settle([row], [])
                return []
            except Exception:
                logger.exception("the end of delivery %d could not be written", row.id)
        return [(self._clock.now() + _UNWRITTEN_SECONDS, row.id)]

    def _write_copies(self, copies: Sequence[Ended]) -> None:
        """Nothing follows from them."""
        try:
            with self._store.transaction():
                self._store.deliveries.settle([], [attempt_of(ended) for ended in copies])
        except Exception:
            logger.exception("what came of %d second copies could not be written", len(copies))
