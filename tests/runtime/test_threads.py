import threading
from concurrent.futures import ThreadPoolExecutor

from tests.runtime.running import Running


def test_get_event_loop_works_as_in_a_main_thread(running: Running) -> None:
    source = """
        import asyncio
        loops = set()
        async def work():
            return 1
        def handler(event, context):
            loop = asyncio.get_event_loop()
            loops.add(loop)
            return [loop.run_until_complete(work()), len(loops)]
        """
    function = running.function(source)
    assert [running.result(function) for _ in range(3)] == [[1, 1]] * 3


def test_a_closed_event_loop_is_replaced(running: Running) -> None:
    source = """
        import asyncio
        async def work():
            return asyncio.get_event_loop() is asyncio.get_running_loop()
        def handler(event, context):
            loop = asyncio.get_event_loop()
            done = loop.run_until_complete(work())
            loop.close()
            return [done, asyncio.run(work())]
        """
    function = running.function(source)
    assert [running.result(function) for _ in range(2)] == [[True, True]] * 2


def test_a_pool_that_outlives_an_invocation_writes_into_the_log_of_the_next(running: Running) -> None:
    source = """
        from concurrent.futures import ThreadPoolExecutor
        pool = ThreadPoolExecutor(1)
        def handler(event, context):
            pool.submit(print, "number", event).result()
        """
    function = running.function(source)
    assert ["number 1\n" in running.run(function, 1).log, "number 2\n" in running.run(function, 2).log] == [True, True]


def test_a_subclass_of_thread(running: Running) -> None:
    source = """
        import os, threading
        class Work(threading.Thread):
            def run(self):
                self.found = os.environ["TABLE"]
        def handler(event, context):
            work = Work()
            work.start()
            work.join()
            return work.found
        """
    assert running.result(running.function(source, environment={"TABLE": "orders"})) == "orders"


def test_the_hosts_threads_are_left_alone(running: Running) -> None:
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit
    running.executor.close()
    assert threading.Thread.start is not start
    assert ThreadPoolExecutor.submit is not submit
    assert threading.Thread.start.__module__ == "threading"


def test_a_thread_of_the_lowest_level_is_watched_too(running: Running) -> None:
    source = """
        import _thread, queue, socket
        def handler(event, context):
            told = queue.Queue()
            def look_up(name, end=""):
                try:
                    socket.gethostbyname(name + end)
                except BaseException as error:
                    told.put(type(error).__name__)
                else:
                    told.put("let through")
            _thread.start_new_thread(look_up, ("169.254.169",), {"end": ".254"})
            return told.get(timeout=5)
    """
    assert running.result(running.function(source)) == "RealAwsRefused"
