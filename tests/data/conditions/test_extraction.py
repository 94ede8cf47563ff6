"""The steps that the extractions of conditions share."""

from pathlib import Path

import numpy as np
import pytest

from vid2vid.config import VideoConfig
from vid2vid.data.conditions.extraction import name_errors, save_keypoints
from vid2vid.errors import DataError, VideoError
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints


def test_short_gaps_are_filled_and_long_ones_reported(tmp_path: Path) -> None:
    points = np.ones((12, 1, FACE_POINTS, 3), np.float32)
    points[2, ..., 2] = points[5:10, ..., 2] = 0
    config = VideoConfig("a.mp4", "face", longest_gap=2, smooth=0)
    extraction = save_keypoints(Keypoints(points, (32, 48), 25.0), tmp_path, tmp_path / "face.npz", config)
    assert (extraction.source, extraction.frames, extraction.missing) == (tmp_path / "face.npz", 12, (range(5, 10),))
    saved = Keypoints.load(tmp_path / "face.npz").points
    assert (saved[2, ..., 2] > 0).all()


def test_errors_about_frames_name_the_video() -> None:
    with pytest.raises(VideoError, match=r"a\.mp4: nobody"), name_errors(Path("a.mp4")):
        raise DataError("nobody")
    with pytest.raises(VideoError, match=r"^b\.mp4: broken"), name_errors(Path("a.mp4")):
        raise VideoError("b.mp4: broken")
