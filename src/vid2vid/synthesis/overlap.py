"""Reading ahead and writing behind, each in a thread of its own; what fails there is raised where it is waited for."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

Item = TypeVar("Item")
Given = ParamSpec("Given")

DEPTH = 4
"""How many frames may wait between two threads."""

_END = object()


def ahead(items: Iterator[Item], depth: int = DEPTH) -> Generator[Item, None, None]:
    """Yield items that a thread gets while the caller is at work on the ones before.

    Args:
        items: Belongs to the thread until the last one is out, or the caller has closed this iterator.
        depth: How many may wait.
    """
    with ThreadPoolExecutor(1, "ahead") as reader:
        waiting = deque(reader.submit(next, items, _END) for _ in range(depth))
        try:
            while (item := waiting.popleft().result()) is not _END:
                waiting.append(reader.submit(next, items, _END))
                yield item  # type: ignore[misc]  # not the end
        finally:
            for future in waiting:
                future.cancel()


class Behind:
    """Context manager that does work in a thread, in order; the end of the block waits for all of it.

    After an error nothing more is done, and the error is raised by the next `do` or by the end of the block. If the
    block itself fails, what was given before is done all the same.

    Args:
        depth: How much may wait before `do` does.
    """

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._waiting: deque[Future[None]] = deque()
        self._worker = ThreadPoolExecutor(1, "behind")
        self._failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.shutdown()
        if kind is None:
            for future in self._waiting:
                future.result()

    def do(self, work: Callable[Given, None], *args: Given.args, **kwargs: Given.kwargs) -> None:
        """Call ``work(*args, **kwargs)`` after all that was given before."""
        while self._waiting and (self._waiting[0].done() or len(self._waiting) >= self._depth):
            self._waiting.popleft().result()
        self._waiting.append(self._worker.submit(self._guarded, lambda: work(*args, **kwargs)))

    def _guarded(self, work: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            work()
        except BaseException:
            self._failed = True
            raise
