"""Files that do not fit together are named with the reason."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.config import FolderConfig
from vid2vid.data.formats import FolderSource
from vid2vid.data.manifest import Manifest
from vid2vid.errors import DataError
from vid2vid.keypoints.keypoint_sequence import Keypoints

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


@pytest.mark.parametrize("folder", ["images", "seg_maps"])
def test_a_frame_that_is_missing_at_the_end(folder: str, pair: Path) -> None:
    sorted((pair / folder / "a").iterdir())[-1].unlink()
    with pytest.raises(
        DataError, match=r"a/000005\.(png|jpg): has no counterpart: .* (5 conditions, but 6|6 .* but 5) frames"
    ):
        manifest(pair)


def test_a_frame_that_is_missing_amid_others(pair: Path) -> None:
    (pair / "seg_maps" / "b" / "000002.png").unlink()
    with pytest.raises(DataError) as caught:
        manifest(pair)
    message = str(caught.value)
    assert message.startswith(f"{pair / 'seg_maps' / 'b' / '000003.png'}: is file number 2 of its folder")
    assert str(pair / "images" / "b" / "000002.jpg") in message


def test_frames_of_another_numbering(root: Path, save_images: Save, save_people: Save) -> None:
    save_images(root / "images" / "x", name="{:06d}.jpg", first=1)
    save_people(root / "poses-openpose" / "x", name="{:012d}_keypoints.json")
    with pytest.raises(DataError, match=r"000000000000_keypoints\.json: .* its counterpart there is .*000001\.jpg"):
        manifest(root)


def test_a_video_of_another_length(root: Path, save_images: Save, save_faces: Save) -> None:
    save_images(root / "target" / "x")
    (root / "source").mkdir()
    points = np.ones((5, 1, 68, 3), np.float32)
    Keypoints(points).save(root / "source" / "x.npz")
    with pytest.raises(DataError, match=r"x\.npz: has 5 frames, but .*target/x has 6"):
        manifest(root)
    Keypoints(np.ones((6, 1, 68, 3), np.float32), size=(64, 96)).save(root / "source" / "x.npz")
    with pytest.raises(DataError, match=r"x\.npz: has frames of 64 x 96, but .*target/x of 32 x 48"):
        manifest(root)


def test_maps_of_another_size(pair: Path, save_images: Save, labels: Callable[..., NDArray[np.uint8]]) -> None:
    save_images(pair / "seg_maps" / "a", images=labels(size=(16, 24)))
    with pytest.raises(DataError, match=r"seg_maps/a: has frames of 16 x 24, but .*images/a of 32 x 48"):
        manifest(pair)


def test_a_damaged_text_of_keypoints(root: Path, save_images: Save, save_faces: Save) -> None:
    save_images(root / "train_img" / "x")
    texts = save_faces(root / "train_keypoints" / "x")
    (texts / "000003.txt").write_text("1,2\n")
    with pytest.raises(DataError, match=r"000003\.txt: "):
        manifest(root)
