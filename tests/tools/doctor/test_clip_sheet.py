"""The contact sheet shows what a training will see."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from vid2vid import Vid2VidDataModule
from vid2vid.condition import Condition
from vid2vid.keypoints.keypoint_layout import PERSON_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.tools.doctor import draw_sheet, examine
from vid2vid.tools.doctor.clip_sheet import SEQUENCES, WIDTH, training_clip
from vid2vid.video import write_ids
from vid2vid.visual.sheets import GAP, MARGIN

if TYPE_CHECKING:
    from tests.tools.doctor.conftest import DatasetBuilder

TITLE = 22


def test_streets_are_drawn_with_all_their_parts(street_data: Callable[..., Vid2VidDataModule]) -> None:
    _, dataset = examine(street_data())
    assert dataset is not None
    sheet = draw_sheet(dataset)
    assert sheet is not None
    # 6 frames of 64 x 32, three times as large; condition, real, objects and flow
    height, width = SEQUENCES * (TITLE + 4 * (3 * 32 + GAP)), MARGIN + 6 * 192 + 5 * GAP
    assert sheet.shape == (height, width, 3)
    clip = training_clip(dataset.sequences[0])
    real = clip.real[0, 0].permute(1, 2, 0).numpy().repeat(3, axis=0).repeat(3, axis=1)
    top = TITLE + 3 * 32 + GAP
    np.testing.assert_array_equal(sheet[top : top + 96, MARGIN : MARGIN + 192], real)


def test_the_clips_are_framed_and_changed_as_in_a_training(builder: "DatasetBuilder") -> None:
    builder.add("a")
    builder.examine(height=16, width=16, crop=[0, 0, 32, 32], augment={"flip": 1.0})
    assert builder.dataset is not None
    clip = training_clip(builder.dataset.sequences[0])
    start = int(clip.names[0].removeprefix("a:"))
    frames = builder.dataset.crop_resize.images(builder.film()[start : start + 4])
    np.testing.assert_array_equal(clip.real[0].permute(0, 2, 3, 1), frames[:, :, ::-1])


def test_objects_and_foreground_are_drawn_where_there_are_any(builder: "DatasetBuilder", tmp_path: Path) -> None:
    write_ids(tmp_path / "ids.mkv", builder.label_film().astype(np.int32) * 1000, 25)
    mask = builder.store("mask", builder.label_film() // 8 * np.uint8(255))
    builder.add("a", instance=tmp_path / "ids.mkv", foreground=mask)
    builder.examine()
    assert builder.dataset is not None
    sheet = draw_sheet(builder.dataset)
    assert sheet is not None
    row = 32 * (WIDTH // 48) + GAP
    assert sheet.shape == (TITLE + 5 * row, MARGIN + 4 * 192 + 3 * GAP, 3)
    objects = sheet[TITLE + 2 * row : TITLE + 3 * row - GAP, MARGIN : MARGIN + 192]
    assert len(np.unique(objects.reshape(-1, 3), axis=0)) == 3
    foreground = sheet[TITLE + 3 * row : TITLE + 4 * row - GAP, MARGIN : MARGIN + 192]
    assert set(np.unique(foreground)) == {0, 255}


def test_long_clips_and_large_frames_are_made_small(builder: "DatasetBuilder") -> None:
    large = {"height": 128, "width": 256}
    builder.add("a", frames=20, target=builder.film(20, **large), source=builder.label_film(20, **large))
    builder.examine(clip_frames=20)
    assert builder.dataset is not None
    sheet = draw_sheet(builder.dataset)
    assert sheet is not None
    assert sheet.shape == (TITLE + 3 * (96 + GAP), MARGIN + 8 * WIDTH + 7 * GAP, 3)


@pytest.mark.parametrize("condition", [Condition("pose"), Condition("pose", limb_maps=True), Condition("edges")])
def test_all_kinds_of_conditions_are_drawn(builder: "DatasetBuilder", condition: Condition) -> None:
    builder.condition = condition
    points = builder.folder / "points.npz"
    Keypoints(builder.points(PERSON_POINTS), size=(32, 48)).save(points)
    for split in ("train", "val"):
        target = builder.store(split, builder.film())
        builder.add(split, split, target=target, source=points if condition.from_keypoints else target)
    builder.examine()
    assert builder.dataset is not None
    sheet = draw_sheet(builder.dataset)
    assert sheet is not None
    assert sheet[TITLE : TITLE + 128, MARGIN : MARGIN + 192].any()


def test_what_cannot_be_read_is_left_out(builder: "DatasetBuilder", tmp_path: Path) -> None:
    builder.add("missing", source=tmp_path / "nowhere.mkv")
    builder.examine()
    assert builder.dataset is not None
    assert draw_sheet(builder.dataset) is None
    builder.add("short", frames=3)
    builder.examine()
    sheet = draw_sheet(builder.dataset)
    assert sheet is not None
    assert sheet.shape[1] == MARGIN + 3 * 192 + 2 * GAP
