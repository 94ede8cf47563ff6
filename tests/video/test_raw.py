"""Raw frames from a pipe."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from vid2vid.errors import VideoError
from vid2vid.video import RawVideo

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 4, 6, 3), dtype=np.uint8)


def piped(path: Path, data: bytes) -> RawVideo:
    path.write_bytes(data)
    return RawVideo(4, 6, 10, os.open(path, os.O_RDONLY))


@pytest.mark.parametrize("channels", [1, 3])
def test_frames_come_as_they_were_sent(channels: int, tmp_path: Path) -> None:
    frames = FRAMES if channels == 3 else FRAMES[..., 0]
    found = list(piped(tmp_path / "pipe", frames.tobytes()).frames(channels))
    np.testing.assert_array_equal(np.stack(found), frames)


def test_a_stream_that_ends_within_a_frame_or_is_empty_is_named(tmp_path: Path) -> None:
    raw = piped(tmp_path / "cut", FRAMES.tobytes()[:-1])
    expected = f"descriptor {raw.descriptor}: ended after 71 bytes of frame 2; frames of 4 x 6 (height x width), rgb24"
    with pytest.raises(VideoError, match=re.escape(expected)):
        list(raw.frames(3))
    with pytest.raises(VideoError, match=r"no data arrived; frames of 4 x 6 .*, gray8, have 24 bytes each"):
        list(piped(tmp_path / "empty", b"").frames(1))


def test_it_waits_until_it_is_stopped() -> None:
    reading, writing = os.pipe()
    os.write(writing, FRAMES[0].tobytes())
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(True)
        return len(asked) > 1

    # the pipe stays open: without the question it would wait for ever
    found = list(RawVideo(4, 6, 10, reading, stopped).frames(3))
    np.testing.assert_array_equal(found, FRAMES[:1])
    assert len(asked) >= 2
    os.close(reading)
    os.close(writing)


def test_messages_name_the_standard_input() -> None:
    assert str(RawVideo(4, 6)) == "standard input"
