"""The format of a data set is detected from its folders."""

from pathlib import Path

import pytest

from vid2vid.config import FolderConfig
from vid2vid.config.data import DATA_SET_FORMATS
from vid2vid.data.formats import FolderSource, detect_format
from vid2vid.data.formats.known_formats import FORMATS
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


@pytest.mark.parametrize(("name", "folders"), FOLDERS)
def test_each_format_is_detected_from_its_folders(name: str, folders: tuple[str, ...], root: Path) -> None:
    for folder in folders:
        (root / folder).mkdir(parents=True)
    assert detect_format(root) == name
    assert FolderSource(FolderConfig(str(root))).format == name


def test_the_settings_know_the_same_formats() -> None:
    assert set(FORMATS) == set(DATA_SET_FORMATS)
    with pytest.raises(ConfigError, match=r"data\.layout='task' is unknown\. Did you mean 'tasks'"):
        FolderConfig("somewhere", layout="task")


def test_an_unknown_folder_is_described(root: Path) -> None:
    (root / "frames").mkdir(parents=True)
    (root / "notes.txt").write_text("")
    with pytest.raises(DataError) as caught:
        detect_format(root)
    message = str(caught.value)
    assert "It holds: frames/, notes.txt." in message
    for known in ("paired (target/ with source/)", "pose (train_img/ with train_openpose/)", "cityscapes ("):
        assert known in message
    with pytest.raises(DataError, match=r"nowhere: there is no such folder; check data\.path"):
        detect_format(root / "nowhere")


def test_frames_without_conditions_have_no_format(root: Path) -> None:
    (root / "images").mkdir(parents=True)
    with pytest.raises(DataError, match="none of the known data-set formats"):
        detect_format(root)


def test_a_folder_with_two_formats_needs_a_choice(root: Path) -> None:
    for folder in ("source", "target", "images", "seg_maps"):
        (root / folder).mkdir(parents=True)
    with pytest.raises(DataError, match=r"can be read as paired or tasks; choose with data\.layout"):
        detect_format(root)
    assert FolderSource(FolderConfig(str(root), layout="tasks")).format == "tasks"
