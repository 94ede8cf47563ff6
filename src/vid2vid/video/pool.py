"""A least-recently-used cache of open readers, for each process and thread."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from vid2vid.errors import ConfigError
from vid2vid.video.id_maps import open_ids, open_labels
from vid2vid.video.opening import open_frames
from vid2vid.video.reading import FrameReader

Reader = TypeVar("Reader")
# Readers by opening function and path, least recently used first.
_Opened = OrderedDict[tuple[Callable[[Path], Any], Path], Any]

# Readers copied by a fork: freeing them would wait for decoder threads that exist in the parent process only.
_inherited: list[_Opened] = []


class _Readers(threading.local):
    """The open readers of one thread, and the process that opened them."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.opened: _Opened = OrderedDict()


class ReaderPool:
    """Least-recently-used cache of open readers that is safe with DataLoader workers.

    A reader hangs if processes or threads share it, so each opens its own, up to ``max_open``. A pickled pool is empty.

    Args:
        max_open: Readers kept open in each thread, at least 1; a reader may take 100 MB.

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
        """Return the number of readers that this thread has open."""
        return len(self._own())

    def get(self, path: Path) -> FrameReader[np.uint8]:
        """Return a reader of colour frames, for the calling thread only; it is opened unless it is in the cache.

        Raises:
            VideoError: The file cannot be opened; see `open_frames`.
        """
        return self.opened(open_frames, path)

    def labels(self, path: Path) -> FrameReader[np.uint8]:
        """Return a reader of maps of class ids, as `get` does.

        Raises:
            VideoError: The file cannot be opened; see `open_labels`.
        """
        return self.opened(open_labels, path)

    def ids(self, path: Path) -> FrameReader[np.int32]:
        """Return a reader of maps of large ids, as `get` does.

        Raises:
            VideoError: The file cannot be opened; see `open_ids`.
        """
        return self.opened(open_ids, path)

    def opened(self, opener: Callable[[Path], Reader], path: Path) -> Reader:
        """Return the reader that a function opens, as `get` does; pass the same function object each time.

        Raises:
            VideoError: The file cannot be opened.
        """
        readers, key = self._own(), (opener, path)
        if key not in readers:
            while len(readers) >= self.max_open:
                readers.popitem(last=False)
            readers[key] = opener(path)
        readers.move_to_end(key)
        reader: Reader = readers[key]
        return reader

    def _own(self) -> _Opened:
        held = self._readers
        if held.process != os.getpid():
            _inherited.append(held.opened)
            held.process, held.opened = os.getpid(), OrderedDict()
        return held.opened
