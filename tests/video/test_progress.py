"""Progress bars hand on what they show."""

from pathlib import Path

import numpy as np

from vid2vid.video import write_labels
from vid2vid.video.progress import progress, watched_frames


def test_things_and_frames_come_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write_labels(path, [np.full((16, 16), 10 * t, np.uint8) for t in range(5)], fps=25)
    bar = watched_frames(path)
    assert (bar.total, [int(frame[0, 0, 0]) for frame in bar]) == (5, [0, 10, 20, 30, 40])
    assert list(progress("abc", "letters")) == ["a", "b", "c"]
