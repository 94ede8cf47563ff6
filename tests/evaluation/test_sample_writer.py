"""Contact sheets and videos of clips whose pictures are known."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vid2vid.evaluation.sample_writer import Rows, SampleWriter, compared_rows, save_sheet
from vid2vid.video import open_frames, stream_frames
from vid2vid.visual import Picture


def pictures(value: int, count: int = 4) -> list[Picture]:
    """Return grey pictures of 32 x 48."""
    return [np.full((32, 48, 3), value, np.uint8) for _ in range(count)]


def rows(made: int, count: int = 4) -> Rows:
    """Return the rows of a model whose frames have one value, and a mask."""
    return {
        name: pictures(v, count) for name, v in (("condition", 0), ("mask", 50), ("synthesised", made), ("real", 255))
    }


def test_one_models_sheet_has_all_its_rows_and_its_video_three(tmp_path: Path) -> None:
    with SampleWriter(tmp_path, fps=5) as writer:
        for _ in range(4):
            writer.write_clip({"a": rows(100)})
    # three sheets for four clips
    assert {path.name for path in tmp_path.iterdir()} == {"synthesis.mp4", "sheet.png", "sheet_2.png", "sheet_3.png"}
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet is not None
    assert sheet.shape[0] == 4 * (32 + 2)
    frames = np.stack(list(stream_frames(tmp_path / "synthesis.mp4")))
    assert frames.shape == (4 * 4, 32, 3 * 48 + 2 * 2, 3)
    assert np.abs(frames[0, 16, [24, 74, 124]].mean(1) - [0, 100, 255]).max() < 4
    assert open_frames(tmp_path / "synthesis.mp4").fps == pytest.approx(5)


def test_several_models_stand_beside_each_other_on_the_frames_that_all_made(tmp_path: Path) -> None:
    models = {"a": rows(100, 4), "b": rows(200, 2)}
    shown = compared_rows(models)
    assert list(shown) == ["condition", "a", "b", "real"]
    assert [len(row) for row in shown.values()] == [2] * 4
    with SampleWriter(tmp_path, 5, "other.mp4") as writer:
        writer.write_clip(models)
    frames = np.stack(list(stream_frames(tmp_path / "other.mp4")))
    # four pictures under their names
    assert frames.shape == (2, 32 + 22, 4 * 48 + 3 * 2, 3)


def test_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    def fail() -> None:
        with SampleWriter(tmp_path, 5) as writer:
            writer.write_clip({"a": rows(100)})
            raise RuntimeError("failure")

    with pytest.raises(RuntimeError, match="failure"):
        fail()
    assert not list(tmp_path.rglob("*.*"))


def test_only_the_first_clips_have_a_sheet(tmp_path: Path) -> None:
    for index in (0, 2, 3):
        save_sheet(tmp_path, index, rows(100), title="clip")
    assert {path.name for path in tmp_path.iterdir()} == {"sheet.png", "sheet_3.png"}
