"""How many more threads would help?  Pure: time and processor time are given.

Handlers that wait get as many as there are of them. Handlers that compute have one interpreter between them: a burst of
cold starts on many threads takes several times as long as on one. Then threads are added one by one, with pauses.
"""

LIGHT_SHARE = 0.5
"""Below this share of one processor the handlers wait more than they compute."""

CROWDED_SECONDS = 0.2
"""The pause. So long does a quick handler wait behind one that computes; per such handler, when there are several."""


class Load:
    """`now` and `cpu` are the monotonic time and the processor time of the process when something began to wait."""

    def __init__(self, now: float, cpu: float) -> None:
        self._asked, self._cpu, self._added = now, cpu, now

    def hands(self, awake: int, now: float, cpu: float) -> int:
        """How many to add when all that are `awake` are stuck."""
        light = cpu - self._cpu < LIGHT_SHARE * (now - self._asked)
        self._asked, self._cpu = now, cpu
        if not light and now - self._added < CROWDED_SECONDS:
            return 0
        self._added = now
        return max(1, awake) if light else 1
