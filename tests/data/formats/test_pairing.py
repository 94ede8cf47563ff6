"""Every mistake in what belongs together is named; what is right is not complained about."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.config import FolderConfig
from vid2vid.data.formats import FolderSource
from vid2vid.data.formats.pairing import require_same_names
from vid2vid.data.manifest import Manifest
from vid2vid.errors import ConfigError, DataError
from vid2vid.keypoints import Keypoints

Save = Callable[..., Path]


def manifest(root: Path, **config: object) -> Manifest:
    return FolderSource(FolderConfig(str(root), **config)).prepare()  # type: ignore[arg-type]


@pytest.fixture
def pair(root: Path, save_images: Save, labels: Callable[..., NDArray[np.uint8]]) -> Path:
    """Two sequences with their label maps."""
    for name in ("a", "b"):
        save_images(root / "images" / name, name="{:06d}.jpg")
        save_images(root / "seg_maps" / name, images=labels())
    assert len(manifest(root).sequences) == 2
    return root


def test_a_sequence_without_its_condition(pair: Path) -> None:
    shutil.rmtree(pair / "seg_maps" / "b")
    with pytest.raises(DataError, match=r"images/b: its partner is missing: there is no 'b' in .*seg_maps"):
        manifest(pair)


def test_a_condition_without_its_frames(pair: Path) -> None:
    shutil.rmtree(pair / "images" / "a")
    with pytest.raises(DataError, match=r"seg_maps/a: its partner is missing: there is no 'a' in .*images"):
        manifest(pair)


def test_an_extra_that_only_some_have(pair: Path, save_images: Save) -> None:
    save_images(pair / "pose_maps-densepose" / "b")
    with pytest.raises(DataError, match=r"images/a: its partner is missing: there is no 'a' in .*densepose"):
        manifest(pair)


@pytest.mark.parametrize("folder", ["images", "seg_maps"])
def test_a_frame_that_is_missing_at_the_end(folder: str, pair: Path) -> None:
    sorted((pair / folder / "a").iterdir())[-1].unlink()
    with pytest.raises(
        DataError, match=r"a/000005\.(png|jpg): has no partner; .* (5 conditions, but 6|6 .* but 5) frames"
    ):
        manifest(pair)


def test_a_frame_that_is_missing_amid_others(pair: Path) -> None:
    (pair / "seg_maps" / "b" / "000002.png").unlink()
    with pytest.raises(DataError) as caught:
        manifest(pair)
    message = str(caught.value)
    assert message.startswith(f"{pair / 'seg_maps' / 'b' / '000003.png'}: is the file number 2 of its folder")
    assert str(pair / "images" / "b" / "000002.jpg") in message


def test_frames_of_another_numbering(root: Path, save_images: Save, save_people: Save) -> None:
    save_images(root / "images" / "x", name="{:06d}.jpg", first=1)
    save_people(root / "poses-openpose" / "x", name="{:012d}_keypoints.json")
    with pytest.raises(DataError, match=r"000000000000_keypoints\.json: .* beside it is .*000001\.jpg"):
        manifest(root)


def test_a_video_of_another_length(root: Path, save_images: Save, save_faces: Save) -> None:
    save_images(root / "target" / "x")
    (root / "source").mkdir()
    points = np.ones((5, 1, 68, 3), np.float32)
    Keypoints(points).save(root / "source" / "x.npz")
    with pytest.raises(DataError, match=r"x\.npz: has 5 frames, but .*target/x has 6"):
        manifest(root)
    Keypoints(np.ones((6, 1, 68, 3), np.float32), size=(64, 96)).save(root / "source" / "x.npz")
    with pytest.raises(DataError, match=r"x\.npz: its frames are of 64 x 96, but those of .*target/x of 32 x 48"):
        manifest(root)


def test_maps_of_another_size(pair: Path, save_images: Save, labels: Callable[..., NDArray[np.uint8]]) -> None:
    save_images(pair / "seg_maps" / "a", images=labels(size=(16, 24)))
    with pytest.raises(DataError, match=r"seg_maps/a: its frames are of 16 x 24, but those of .*images/a of 32 x 48"):
        manifest(pair)


def test_a_damaged_text_of_keypoints(root: Path, save_images: Save, save_faces: Save) -> None:
    save_images(root / "train_img" / "x")
    texts = save_faces(root / "train_keypoints" / "x")
    (texts / "000003.txt").write_text("1,2\n")
    with pytest.raises(DataError, match=r"000003\.txt: "):
        manifest(root)


def test_two_of_one_name(pair: Path) -> None:
    (pair / "images" / "a.mp4").write_bytes(b"")
    with pytest.raises(DataError, match=r"images: has both a and a\.mp4; keep one"):
        manifest(pair)


def test_images_that_lie_directly_in_the_folder(root: Path, save_images: Save) -> None:
    save_images(root / "images")
    save_images(root / "seg_maps")
    with pytest.raises(DataError, match=r"images: holds no sequences\. Each is a video file, or a folder of its own"):
        manifest(root)


def test_densepose_in_one_split_only(root: Path, save_images: Save, save_people: Save) -> None:
    for split in ("train", "test"):
        save_images(root / f"{split}_img" / "x")
        save_people(root / f"{split}_openpose" / "x")
    save_images(root / "train_densepose" / "x")
    with pytest.raises(DataError, match=r"test_img/x: has no DensePose maps, but other sequences have"):
        manifest(root)
    assert not manifest(root, densepose=False).condition.densepose


def test_what_is_broken_can_be_left_out(pair: Path) -> None:
    shutil.copytree(pair / "images" / "a", pair / "images" / "c")
    source = FolderSource(FolderConfig(str(pair), on_broken="skip"))
    assert [s.name for s in source.prepare().sequences] == ["a", "b"]
    (warning,) = source.warnings
    assert (warning.path, warning.left_out) == (pair / "images" / "c", True)
    assert warning.message.startswith("its partner is missing")
    shutil.rmtree(pair / "seg_maps" / "a")
    shutil.rmtree(pair / "seg_maps" / "b")
    shutil.copytree(pair / "images" / "a", pair / "seg_maps" / "z")
    with pytest.raises(DataError, match="none of its 4 sequences can be used"):
        manifest(pair, on_broken="skip")


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
    with pytest.raises(DataError, match=r"mine/10\.png: is the file number 0 of its folder"):
        require_same_names(tmp_path / "mine", tmp_path / "theirs")


def test_settings_that_cannot_work() -> None:
    for config, message in (
        ({"path": ""}, "data.path is empty"),
        ({"condition": "depth"}, "data.condition='depth' is unknown"),
        ({"on_broken": "ignore"}, "data.on_broken='ignore' is unknown"),
        ({"label_names": ["road"]}, "data.label_names has 1 entries for 0"),
        ({"holdout": 1.0}, "data.holdout must lie between 0 and 1"),
        ({"fps": -1.0}, "data.fps must not be below 0"),
    ):
        with pytest.raises(ConfigError, match=message):
            FolderConfig(**{"path": "somewhere", **config})  # type: ignore[arg-type]
