"""Formats with a folder for each kind of file: their sequences, and mistakes in their folders."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.condition import Plane
from vid2vid.config import FolderConfig
from vid2vid.data.formats import FolderSource
from vid2vid.data.formats.known_formats import FORMATS
from vid2vid.data.manifest import Manifest
from vid2vid.errors import DataError

Save = Callable[..., Path]


def manifest(root: Path, **config: object) -> Manifest:
    return FolderSource(FolderConfig(str(root), **config)).prepare()  # type: ignore[arg-type]


@pytest.fixture
def pair(root: Path, save_images: Save, labels: Callable[..., NDArray[np.uint8]]) -> Path:
    """Two sequences with their label maps."""
    for name in ("a", "b"):
        save_images(root / "images" / name, name="{:06d}.jpg")
        save_images(root / "seg_maps" / name, images=labels())
    return root


def test_the_files_of_a_sequence_are_listed_by_role(pair: Path, save_images: Save) -> None:
    for name in ("a", "b"):
        save_images(pair / "instance_maps" / name)
    found, kinds = FORMATS["tasks"].list_sequences(pair, "auto")
    assert kinds == ("labels", "image")
    assert [(files.name, files.split, files.problem) for files in found] == [("a", "", ""), ("b", "", "")]
    assert found[1].files == {
        "target": pair / "images" / "b",
        "source": pair / "seg_maps" / "b",
        "instance": pair / "instance_maps" / "b",
    }


def test_edges_take_the_frames_as_their_source(pair: Path) -> None:
    found, kinds = FORMATS["tasks"].list_sequences(pair, "edges")
    assert kinds == ("edges",)
    assert [files.files for files in found] == [dict.fromkeys(("target", "source"), pair / "images" / n) for n in "ab"]


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


def test_two_of_one_name(pair: Path) -> None:
    (pair / "images" / "a.mp4").write_bytes(b"")
    with pytest.raises(DataError, match=r"images: has both a and a\.mp4; keep one"):
        manifest(pair)


def test_images_that_lie_directly_in_the_folder(root: Path, save_images: Save) -> None:
    save_images(root / "images")
    save_images(root / "seg_maps")
    with pytest.raises(DataError, match=r"images: holds no sequences\. Each is a video file, or a folder of its own"):
        manifest(root)


def test_planes_lie_beside_the_conditions(pair: Path, save_images: Save) -> None:
    depth = [Plane("depth", high=255.0, step=1.0)]
    with pytest.raises(
        DataError, match=r"depth: there is no such folder, which should hold the plane 'depth' of data\.planes"
    ):
        FolderSource(FolderConfig(str(pair)), depth).prepare()
    save_images(pair / "depth" / "a", images=np.ones((6, 32, 48), np.uint8))
    with pytest.raises(DataError, match=r"images/b: its partner is missing: there is no 'b' in .*depth"):
        FolderSource(FolderConfig(str(pair)), depth).prepare()
    save_images(pair / "depth" / "b", images=np.ones((6, 8, 8), np.uint8))
    with pytest.raises(DataError, match=r"depth/b: the plane 'depth' has 6 frames of 8 x 8, but .*images/b has"):
        FolderSource(FolderConfig(str(pair)), depth).prepare()
