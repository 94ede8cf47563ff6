"""Small data sets in the known formats."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

SIZE = (32, 48)
LOADER = {"num_workers": 0, "clip_frames": 3, "batch_size": 1, "flow_cache": False, "val_frames": 3}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a data set that a test makes."""
    return tmp_path / "data"


@pytest.fixture
def loader() -> dict[str, Any]:
    """Settings of a loader that suit tiny data sets."""
    return dict(LOADER)


@pytest.fixture
def save_images() -> Callable[..., Path]:
    """Writes a folder of noise, or of given images, and returns it."""

    def save(
        folder: Path,
        count: int = 6,
        name: str = "{:06d}.png",
        images: NDArray[Any] | None = None,
        first: int = 0,
        size: tuple[int, int] = SIZE,
    ) -> Path:
        if images is None:
            images = np.random.default_rng(len(str(folder))).integers(0, 256, (count, *size, 3), dtype=np.uint8)
        folder.mkdir(parents=True, exist_ok=True)
        for t, image in enumerate(images, first):
            # OpenCV writes blue first
            assert cv2.imwrite(str(folder / name.format(t)), image[..., ::-1] if image.ndim == 3 else image)
        return folder

    return save


@pytest.fixture
def labels() -> Callable[..., NDArray[np.uint8]]:
    """Makes label maps in which all of some ids stand, in another arrangement in each frame."""

    def make(ids: tuple[int, ...] = (7, 24), count: int = 6, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
        blocks = np.random.default_rng(0).choice(np.array(ids, np.uint8), (count, size[0] // 8, size[1] // 8))
        blocks[:, 0, : len(ids)] = ids
        return blocks.repeat(8, axis=1).repeat(8, axis=2)

    return make


def face(t: int) -> NDArray[np.float64]:
    """Return 68 points of something like a face that moves to the right."""
    turns = np.linspace(0, 6, 68)
    return np.stack([20 + t + 8 * np.cos(turns), 16 + 8 * np.sin(turns)], axis=1)


@pytest.fixture
def save_faces() -> Callable[..., Path]:
    """Writes a folder of landmarks, as 68 lines or as JSON by the ending of the names."""

    def save(folder: Path, count: int = 6, name: str = "{:06d}.txt", first: int = 0) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for t in range(first, first + count):
            points = face(t).tolist()
            lines = "\n".join(f"{x:.3f},{y:.3f}" for x, y in points)
            (folder / name.format(t)).write_text(lines if name.endswith("txt") else json.dumps(points))
        return folder

    return save


@pytest.fixture
def save_people() -> Callable[..., Path]:
    """Writes a folder of what OpenPose writes, one person with body, hands and face."""

    def save(folder: Path, count: int = 6, name: str = "{:06d}.json", first: int = 0) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(0)
        counts = {"pose": 25, "face": 70, "hand_left": 21, "hand_right": 21}
        points = {part: random.uniform(4, 28, (n, 2)) for part, n in counts.items()}
        for t in range(first, first + count):
            moved = {part: [number for x, y in xy for number in (x + t, y, 0.9)] for part, xy in points.items()}
            person = {f"{part}_keypoints_2d": numbers for part, numbers in moved.items()}
            (folder / name.format(t)).write_text(json.dumps({"version": 1.3, "people": [person]}))
        return folder

    return save


@pytest.fixture
def save_cityscapes(save_images: Callable[..., Path], labels: Callable[..., NDArray[np.uint8]]) -> Callable[..., Path]:
    """Writes snippets of a city, given their sequences and the numbers of their frames; every n-th one is labelled."""

    def save(root: Path, split: str, city: str, *snippets: tuple[str, range], labelled: int = 1) -> Path:
        images = root / "leftImg8bit_sequence" / split / city
        truth = root / "gtFine" / split / city
        for sequence, frames in snippets:
            stem, first = f"{city}_{sequence}_{{:06d}}_", frames.start
            save_images(images, len(frames), stem + "leftImg8bit.png", first=first)
            for t in range(0, len(frames), labelled):
                ids = labels((7, 24, 26), len(frames))[t : t + 1]
                save_images(truth, name=stem + "gtFine_labelIds.png", images=ids, first=first + t)
                # 16 bits, as the data set has them
                instances = ids.astype(np.uint16) * 1000 + 3
                save_images(truth, name=stem + "gtFine_instanceIds.png", images=instances, first=first + t)
                save_images(truth, 1, stem + "gtFine_color.png", first=first + t)
        return root

    return save
