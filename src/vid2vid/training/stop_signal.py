"""Remembering SIGTERM and Ctrl-C, so that a run stops at a point where it can be resumed."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignal:
    """Remembers a signal; the caller asks for it, and stops at a point where it can be resumed.

    The handler does nothing else: under DDP another process may be waiting in the middle of a batch.

    Attributes:
        number: The number of the signal; 0: none was received.
    """

    def __init__(self) -> None:
        self.number = 0

    def listen(self) -> None:
        """Handle the signals from now on; Lightning restores the earlier handlers after a fit."""
        # Python handles signals in the main thread only
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                signal.signal(number, self._remember)

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Handle the signals within a block; afterwards the earlier handlers are restored."""
        before = {number: signal.getsignal(number) for number in SIGNALS}
        self.listen()
        try:
            yield self
        finally:
            if threading.current_thread() is threading.main_thread():
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        # the second Ctrl-C does not wait
        signal.signal(signal.SIGINT, signal.default_int_handler)
