"""One worker for all sessions: first come, first served, and each can see its place."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class Turns:
    """A queue before the one thread in which the models compute; a turn is one frame."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "studio")
        self._waiting: dict[object, str] = {}

    async def run(
        self, session: str, work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Call a function when it is its turn, and return its result."""
        ticket = object()
        self._waiting[ticket] = session
        try:
            return await asyncio.wrap_future(self._worker.submit(work, *args, **kwargs))
        finally:
            del self._waiting[ticket]

    def place(self, session: str) -> int:
        """Return how many turns of others come before the next one of a session; 0 if it waits for nothing."""
        waiting = list(self._waiting.values())
        return waiting.index(session) if session in waiting else 0

    def close(self) -> None:
        """Wait for the turn that has begun, and drop the others."""
        self._worker.shutdown(cancel_futures=True)
