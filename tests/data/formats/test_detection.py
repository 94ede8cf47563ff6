"""Which layout a folder has, told by what lies in it."""

from pathlib import Path

import pytest

from vid2vid.config import FolderConfig
from vid2vid.config.folder import FOLDER_LAYOUTS
from vid2vid.data.formats import FolderSource, detect
from vid2vid.data.formats.table import LAYOUTS
from vid2vid.errors import ConfigError, DataError

FOLDERS = [
    ("paired", ("source", "target")),
    ("paired", ("train/source", "train/target", "val/source", "val/target")),
    ("cityscapes", ("leftImg8bit_sequence/train", "gtFine/train")),
    ("pix2pix", ("train_A", "train_B", "train_inst")),
    ("pix2pix", ("test_A", "test_B")),
    ("face", ("train_img", "train_keypoints")),
    ("pose", ("train_img", "train_openpose", "train_densepose")),
    ("tasks", ("images", "seg_maps")),
    ("tasks", ("images", "landmarks-dlib68")),
    ("tasks", ("train/images", "train/poses-openpose", "train/pose_maps-densepose")),
]


@pytest.mark.parametrize(("layout", "folders"), FOLDERS)
def test_each_layout_is_known_by_its_folders(layout: str, folders: tuple[str, ...], root: Path) -> None:
    for folder in folders:
        (root / folder).mkdir(parents=True)
    assert detect(root) == layout
    assert FolderSource(FolderConfig(str(root))).layout == layout


def test_the_settings_know_the_same_layouts() -> None:
    assert {*LAYOUTS, "cityscapes"} == set(FOLDER_LAYOUTS)
    with pytest.raises(ConfigError, match=r"data\.layout='task' is unknown\. Did you mean 'tasks'"):
        FolderConfig("somewhere", layout="task")


def test_an_unknown_folder_is_described(root: Path) -> None:
    (root / "frames").mkdir(parents=True)
    (root / "notes.txt").write_text("")
    with pytest.raises(DataError) as caught:
        detect(root)
    message = str(caught.value)
    assert "It holds: frames/, notes.txt." in message
    for known in ("paired (target/ with source/)", "pose (train_img/ with train_openpose/)", "cityscapes ("):
        assert known in message
    with pytest.raises(DataError, match=r"nowhere: there is no such folder; check data\.path"):
        detect(root / "nowhere")


def test_frames_without_conditions_are_no_layout(root: Path) -> None:
    (root / "images").mkdir(parents=True)
    with pytest.raises(DataError, match="none of the layouts"):
        detect(root)


def test_a_folder_with_two_layouts_wants_a_choice(root: Path) -> None:
    for folder in ("source", "target", "images", "seg_maps"):
        (root / folder).mkdir(parents=True)
    with pytest.raises(DataError, match=r"can be read as paired or tasks; choose with data\.layout"):
        detect(root)
    assert FolderSource(FolderConfig(str(root), layout="tasks")).layout == "tasks"
