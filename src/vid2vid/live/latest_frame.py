"""The slot between a source and F, which holds the newest frame, and the thread that fills it."""

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Self

from vid2vid.errors import VideoError
from vid2vid.live.live_sources import CLOCK, Captured, LiveSource

_PATIENCE = 0.2
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
"""Seconds before a broken source is tried again: twice as long each time."""
_LEAVING = 3.0
"""Seconds to wait at the end for a source that does not answer."""


class LatestFrame:
    """Holds one frame: a newer one takes its place, and the older one is dropped.

    Attributes:
        count: Number of frames that came.
        dropped: Number of those that nobody took.
    """

    def __init__(self) -> None:
        self.count = self.dropped = 0
        self._changed = threading.Condition()
        self._frame: Captured | None = None
        self._closed = False
        self._error: BaseException | None = None

    def put(self, frame: Captured) -> None:
        """Put the newest frame in."""
        with self._changed:
            self.count += 1
            self.dropped += self._frame is not None
            self._frame = frame
            self._changed.notify()

    def close(self, error: BaseException | None = None) -> None:
        """Declare that no more frames come; `take` raises the error instead of returning the next one."""
        with self._changed:
            self._closed, self._error = True, error
            self._changed.notify()

    def take(self, stopped: Callable[[], bool]) -> Captured | None:
        """Wait for a frame and take it; None: there are no more, or nobody wants more.

        Args:
            stopped: Called while nothing comes; returns whether to stop waiting.

        Raises:
            Exception: What `close` was given.
        """
        with self._changed:
            # wakes up regularly: in an endless wait Python would not handle a signal that came just before it
            while self._frame is None and not self._closed and not stopped():
                self._changed.wait(_PATIENCE)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise self._error
            return None if stopped() else frame


class Capture:
    """Context manager that reads a source in a thread, and opens it again when it breaks.

    Args:
        source: The source.
        reconnect: Seconds for which a lasting source that breaks is tried again. A source that never worked is an error
            at once.
        say: Called with messages about breaks.

    Attributes:
        latest: Where the frames go.
    """

    def __init__(self, source: LiveSource, reconnect: float, say: Callable[[str], None]) -> None:
        self.latest = LatestFrame()
        self._source, self._reconnect, self._say = source, reconnect, say
        self._leaving = threading.Event()
        # a source that never answers must not keep the program alive
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._leaving.set()
        self._thread.join(_LEAVING)

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._read_and_reconnect()
        except BaseException as wrong:
            error = wrong
        self.latest.close(error)

    def _read_and_reconnect(self) -> None:
        wait, broken = _FIRST_WAIT, CLOCK()
        while True:
            before, reason = self.latest.count, f"{self._source.name}: ended"
            try:
                self._read(wait > _FIRST_WAIT)
            except VideoError as error:
                if not (self._source.lasting and self.latest.count):
                    raise
                reason = str(error).rstrip(".")
            if self._leaving.is_set() or not self._source.lasting:
                return
            if self.latest.count > before:
                wait, broken = _FIRST_WAIT, CLOCK()
            if CLOCK() + wait - broken > self._reconnect:
                raise VideoError(f"{reason}; it did not come back within reconnect={self._reconnect:g} seconds.")
            self._say(f"{reason}; trying again in {wait:g} s")
            self._leaving.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _read(self, again: bool) -> None:
        with closing(self._source.frames()) as frames:
            for frame in frames:
                if self._leaving.is_set():
                    return
                if again:
                    self._say(f"{self._source.name}: is back")
                    again = False
                self.latest.put(frame)
