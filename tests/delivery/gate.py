"""Between a test and the handler that it runs: the handler says that it has begun, and waits to be let on."""

from queue import Queue

entered: "Queue[int]" = Queue()
goes_on: "Queue[int]" = Queue()
