"""A few open readers, kept for the next request, in whatever process and thread the request comes."""

import os
import threading
from collections import OrderedDict
from pathlib import Path

from vid2vid.data.video.reading import FrameReader, open_frames
from vid2vid.errors import ConfigError

# Readers that a fork copied. Freeing one would wait for decoder threads that exist in the parent process only.
_inherited: list[OrderedDict[Path, FrameReader]] = []


class _Readers(threading.local):
    """The open readers of one thread, oldest use first, and the process that opened them."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.by_path: OrderedDict[Path, FrameReader] = OrderedDict()


class ReaderPool:
    """Least-recently-used cache of open readers that is safe with DataLoader workers.

    A reader that two processes or threads share hangs; so each opens its own, up to ``max_open`` of them. A pool
    that is sent to another process arrives empty.

    Args:
        max_open: Readers kept open in each thread, at least 1; one may take 100 MB.

    Raises:
        ConfigError: ``max_open`` is below 1.
    """

    def __init__(self, max_open: int = 4) -> None:
        if max_open < 1:
            raise ConfigError(f"max_open={max_open}: a pool of readers must hold at least 1.")
        self.max_open = max_open
        self._readers = _Readers()

    def __reduce__(self) -> tuple[type["ReaderPool"], tuple[int]]:
        return type(self), (self.max_open,)

    def __len__(self) -> int:
        """Return how many readers this thread has open."""
        return len(self._own())

    def get(self, path: Path) -> FrameReader:
        """Return a reader of ``path``, open already if it was used lately; it is for the calling thread only.

        Raises:
            VideoError: The file cannot be opened; see `open_frames`.
        """
        readers = self._own()
        if path not in readers:
            while len(readers) >= self.max_open:
                readers.popitem(last=False)
            readers[path] = open_frames(path)
        readers.move_to_end(path)
        return readers[path]

    def _own(self) -> OrderedDict[Path, FrameReader]:
        held = self._readers
        if held.process != os.getpid():
            _inherited.append(held.by_path)
            held.process, held.by_path = os.getpid(), OrderedDict()
        return held.by_path
