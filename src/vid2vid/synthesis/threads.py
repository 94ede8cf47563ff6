"""Threads that read ahead and write behind; their errors are raised in the thread that waits for them."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import ParamSpec, Self, TypeVar

Item = TypeVar("Item")
Arguments = ParamSpec("Arguments")

DEPTH = 4
"""Number of frames that may wait between two threads."""
_PATIENCE = 0.2


def read_ahead(items: Iterator[Item], depth: int = DEPTH) -> Generator[Item, None, None]:
    """Yield items that a thread reads while the caller works on the items before.

    Args:
        items: Used by the thread alone, until the last item is out or the caller closes the returned iterator.
        depth: Number of items that may wait.
    """

    def read() -> list[Item]:
        return list(islice(items, 1))

    with ThreadPoolExecutor(1, "read_ahead") as reader:
        waiting = [reader.submit(read) for _ in range(depth)]
        try:
            while True:
                # wakes up regularly: in an endless wait Python would not handle a signal that came just before it
                while not wait(waiting[:1], _PATIENCE).done:
                    pass
                if not (found := waiting.pop(0).result()):
                    return
                waiting.append(reader.submit(read))
                yield found[0]
        finally:
            for future in waiting:
                future.cancel()


class WriteBehind:
    """Context manager that calls functions in a thread, in order; the end of the block waits for all of them.

    After an error nothing more is called, and the error is raised by the next `call` or by the end of the block. If the
    block itself fails, the calls made before are still carried out.

    Args:
        depth: Number of calls that may wait before `call` blocks.
    """

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._waiting: deque[Future[None]] = deque()
        self._worker = ThreadPoolExecutor(1, "write_behind")
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._worker.shutdown()
        if kind is None:
            for future in self._waiting:
                future.result()

    def call(self, work: Callable[Arguments, None], *args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        """Call ``work(*args, **kwargs)`` after all earlier calls."""

        def unless_failed() -> None:
            if self._failed:
                return
            try:
                work(*args, **kwargs)
            except BaseException:
                self._failed = True
                raise

        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= self._depth):
            self._waiting.popleft().result()
        self._waiting.append(self._worker.submit(unless_failed))
