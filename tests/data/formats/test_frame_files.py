"""The files of folders with a file for each frame."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vid2vid.data.formats.frame_files import frame_files, holds_keypoints, require_same_names
from vid2vid.errors import DataError

Save = Callable[..., Path]


def test_images_come_before_texts_and_in_natural_order(tmp_path: Path, save_images: Save, save_faces: Save) -> None:
    folder = save_faces(tmp_path / "x", count=12, name="{}.txt")
    assert [path.name for path in frame_files(folder)] == [f"{t}.txt" for t in range(12)]
    assert holds_keypoints(folder)
    save_images(folder, count=2)
    assert [path.name for path in frame_files(folder)] == ["000000.png", "000001.png"]
    assert not holds_keypoints(folder)


def test_a_single_file_has_no_frame_files(tmp_path: Path) -> None:
    for name, keypoints in (("a.npz", True), ("a.mp4", False)):
        (tmp_path / name).write_bytes(b"")
        assert frame_files(tmp_path / name) == []
        assert holds_keypoints(tmp_path / name) == keypoints


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (["1_keypoints.json", "2_keypoints.json", "10_keypoints.json"], ["1.jpg", "2.jpg", "10.jpg"]),
        (["0001.png", "0002.png"], ["1.jpg", "2.jpg"]),
        (["a_000010_labels.png", "a_000020_labels.png"], ["a_000010_left8bit.png", "a_000020_left8bit.png"]),
    ],
)
def test_names_that_go_together(mine: list[str], theirs: list[str], tmp_path: Path) -> None:
    for folder, names in (("mine", mine), ("theirs", theirs)):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text("")
    require_same_names(tmp_path / "mine", tmp_path / "theirs")


def test_numbers_that_end_alike_are_not_cut(tmp_path: Path) -> None:
    for folder, names in (("mine", ("10", "20", "30")), ("theirs", ("1", "2", "3"))):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / f"{name}.png").write_text("")
    with pytest.raises(DataError, match=r"mine/10\.png: is file number 0 of its folder"):
        require_same_names(tmp_path / "mine", tmp_path / "theirs")
