"""A foreground out of maps of people's ids."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid import Vid2VidDataModule

Save = Callable[..., Path]


@pytest.fixture
def dance(root: Path, save_images: Save, save_people: Save) -> Callable[[NDArray[Any]], Path]:
    """Makes two sequences of poses with the same maps of people."""

    def make(people: NDArray[Any]) -> Path:
        for name in ("a", "b"):
            save_images(root / "images" / name)
            save_people(root / "poses-openpose" / name)
            save_images(root / "human_instance_maps" / name, images=people)
        return root

    return make


@pytest.mark.parametrize("deep", [False, True])
def test_whoever_is_there_is_foreground(
    deep: bool,
    dance: Callable[[NDArray[Any]], Path],
    labels: Callable[..., NDArray[np.uint8]],
    loader: dict[str, Any],
    cache: Path,
) -> None:
    people = labels((0, 1, 2))
    root = dance(people.astype(np.uint16) * 300 if deep else people)
    data = Vid2VidDataModule.folder(root, loader)
    masks = {sequence.foreground for sequence in data.prepare_manifest().sequences}
    assert masks == set((cache / "masks").iterdir())
    assert len(masks) == 2
    data.setup("fit")
    clip = next(iter(data.val_dataloader()))
    np.testing.assert_array_equal(clip.foreground[0, :, 0], np.where(people[:3] > 0, 255, 0))
    times = {path: path.stat().st_mtime_ns for path in (cache / "masks").iterdir()}
    assert Vid2VidDataModule.folder(root, loader).prepare_manifest().sequences == data.prepare_manifest().sequences
    assert {path: path.stat().st_mtime_ns for path in (cache / "masks").iterdir()} == times


def test_maps_with_nobody_in_them_are_no_foreground(
    dance: Callable[[NDArray[Any]], Path], loader: dict[str, Any]
) -> None:
    data = Vid2VidDataModule.folder(dance(np.zeros((6, 32, 48), np.uint8)), loader)
    assert {sequence.foreground for sequence in data.prepare_manifest().sequences} == {None}
    (warning,) = data.source.warnings
    assert str(warning.path).endswith("human_instance_maps/a")
    assert (warning.message, warning.left_out) == (
        "the maps of people have only the id 0, which means nobody: there is no foreground",
        False,
    )
