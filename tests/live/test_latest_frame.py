"""The slot, and the thread that fills it and opens what breaks again."""

import threading
from collections.abc import Generator

import numpy as np
import pytest

from vid2vid.errors import VideoError
from vid2vid.live.latest_frame import Capture, LatestFrame
from vid2vid.live.live_sources import CLOCK, Captured, LiveSource


def frame(level: int) -> Captured:
    return Captured(np.full((2, 2, 3), level, np.uint8), CLOCK())


def never() -> bool:
    return False


def test_a_newer_frame_takes_the_place_of_one_that_nobody_took() -> None:
    slot = LatestFrame()
    for level in range(5):
        slot.put(frame(level))
    slot.close()
    taken = slot.take(never)
    assert taken is not None
    assert taken.pixels[0, 0, 0] == 4
    assert (slot.count, slot.dropped) == (5, 4)
    assert slot.take(never) is None


def test_who_waits_is_woken_by_a_frame_and_by_the_wish_to_stop() -> None:
    slot, stop = LatestFrame(), threading.Event()
    threading.Timer(0.05, slot.put, [frame(7)]).start()
    assert slot.take(stop.is_set) is not None
    threading.Timer(0.05, stop.set).start()
    assert slot.take(stop.is_set) is None


def test_an_error_comes_after_the_last_frame() -> None:
    slot = LatestFrame()
    slot.put(frame(1))
    slot.close(VideoError("gone"))
    assert slot.take(never) is not None
    with pytest.raises(VideoError, match="gone"):
        slot.take(never)


def unsteady(breaks: int, opened: list[int]) -> LiveSource:
    """A source that gives two frames and breaks, so many times; then it is not there any more."""

    def frames() -> Generator[Captured, None, None]:
        opened.append(len(opened))
        if len(opened) > breaks:
            raise VideoError("camera 7: cannot be opened.")
        yield frame(2 * len(opened))
        yield frame(2 * len(opened) + 1)
        raise VideoError("camera 7: gives no more frames.")

    return LiveSource("camera 7", frames, lasting=True)


def test_a_source_that_breaks_is_opened_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vid2vid.live.latest_frame._FIRST_WAIT", 0.02)
    said: list[str] = []
    opened: list[int] = []
    with Capture(unsteady(2, opened), 1, said.append) as capture, pytest.raises(VideoError) as failed:
        list(iter(lambda: capture.latest.take(never), None))
    assert capture.latest.count == 4
    assert said[:2] == ["camera 7: gives no more frames; trying again in 0.02 s", "camera 7: is back"]
    assert str(failed.value) == "camera 7: cannot be opened; it did not come back within reconnect=1 seconds."


def test_one_that_was_never_there_is_an_error_at_once() -> None:
    said: list[str] = []
    with Capture(unsteady(0, []), 60, said.append) as capture, pytest.raises(VideoError, match="cannot be opened"):
        capture.latest.take(never)
    assert not said


def test_a_file_ends() -> None:
    source = LiveSource("file", lambda: (frame(level) for level in range(3)))
    with Capture(source, 60, print) as capture:
        while capture.latest.take(never) is not None:
            pass
    assert capture.latest.count == 3
