"""Being asked to stop: SIGTERM and Ctrl-C."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignal:
    """Remembers a signal, and leaves it to the work to stop where it can go on later.

    Nothing but that happens in the handler: under DDP another process may be waiting in the middle of a batch.

    Attributes:
        number: The signal's number; 0: none has come.
    """

    def __init__(self) -> None:
        self.number = 0

    def listen(self) -> None:
        """Take the signals over; whoever trains gives them back (Lightning does, after a fit)."""
        # only there can Python handle signals
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                signal.signal(number, self._remember)

    @contextmanager
    def listening(self) -> Iterator[Self]:
        """Take the signals over for a block, and give them back after it."""
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
