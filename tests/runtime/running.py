"""Real functions, written to a folder and run: what every test here needs."""

import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any, Generic, Protocol, TypeVar

from emulator.runtime.function import FunctionSpec
from emulator.runtime.in_process import InProcess
from emulator.runtime.outcome import Invocation, Outcome

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
REQUEST_ID = "8f31c2aa-0000-4000-8000-00000000000{}"


class Executor(Protocol):
    """What the tests need of one."""

    def submit(self, invocation: Invocation, done: Callable[[Outcome], None]) -> None: ...

    async def run(self, invocation: Invocation) -> Outcome: ...

    def close(self) -> None: ...


E = TypeVar("E", bound=Executor)


class RunningOn(Generic[E]):
    """An executor and the folder that its functions lie in."""

    def _executor(self, **options: Any) -> E:
        raise NotImplementedError

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        self.lines: list[tuple[str, str]] = []
        self.reloads: list[tuple[str, list[str]]] = []
        self.runner = asyncio.Runner()
        self._requests = 0
        self.executor = self._executor(
            on_line=lambda invocation, text: self.lines.append((invocation.function.name, text)),
            on_reload=lambda name, files, _: self.reloads.append((name, files)),
            **options,
        )

    def write(self, path: str, text: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
        return file

    def function(self, source: str = "", /, name: str = "charge", **options: Any) -> FunctionSpec:
        """The function `name`; its file is written when `source` is given, else `code` says where it is."""
        code = options.pop("code", None) or self.folder / f"{name}.py"
        if source:
            self.write(f"{name}.py", source)
        return FunctionSpec(name=name, arn=ARN + name, code=code, **options)

    def invocation(self, function: FunctionSpec, event: Any = None, **options: Any) -> Invocation:
        self._requests += 1
        payload = event if isinstance(event, bytes) else json.dumps({} if event is None else event).encode()
        return Invocation(function, payload, REQUEST_ID.format(self._requests), function.arn, **options)

    def run(self, function: FunctionSpec, event: Any = None, **options: Any) -> Outcome:
        return self.runner.run(self.executor.run(self.invocation(function, event, **options)))

    def result(self, function: FunctionSpec, event: Any = None, **options: Any) -> Any:
        """What the handler returned; fails the test with the log when it failed."""
        outcome = self.run(function, event, **options)
        assert outcome.function_error is None, outcome.log
        return json.loads(outcome.payload)

    def error(self, function: FunctionSpec, event: Any = None, **options: Any) -> Any:
        outcome = self.run(function, event, **options)
        assert outcome.function_error == "Unhandled", outcome.payload
        return json.loads(outcome.payload)

    def run_all(self, invocations: Iterable[Invocation]) -> list[Outcome]:
        async def gather() -> list[Outcome]:
            return await asyncio.gather(*(self.executor.run(invocation) for invocation in invocations))

        return self.runner.run(gather())

    def run_all_quietly(self, invocation: Invocation, times: int) -> None:
        """Submit it so many times at once and wait until all have run."""

        async def submit() -> None:
            finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            left = times

            def done(_: Outcome) -> None:
                nonlocal left
                left -= 1
                if not left:
                    finished.set_result(None)

            for _ in range(times):
                self.executor.submit(invocation, done)
            await finished

        self.runner.run(submit())

    def close(self) -> None:
        self.executor.close()
        self.runner.close()


class Running(RunningOn[InProcess]):
    """Functions on threads of this process."""

    def _executor(self, **options: Any) -> InProcess:
        return InProcess(**options)
