"""Cuts inside videos: found where two scenes meet, nowhere else, and only once."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import MissingExtraError, VideoError
from vid2vid.video import find_cuts, open_frames, progress, scenes, stream_frames, write_frames, write_video

FETCHED = Path(os.environ.get("VID2VID_CACHE", "~/.cache/vid2vid")).expanduser() / "samples"
CLIPS = {"bikes.mp4": [30, 76, 137, 187, 242], "carphone.mp4": [], "portrait.mp4": []}
"""The first frames of the scenes in clips that ``vid2vid fetch`` brings, as seen by eye."""

Frames = list[NDArray[np.uint8]]


def scene(seed: int, count: int, speed: int = 3) -> Frames:
    """A camera that pans over a painted wall."""
    random = np.random.default_rng(seed)
    colours = random.integers(0, 256, (5, 12, 3), dtype=np.uint8)
    wall = cv2.resize(colours, (96 + speed * count, 64), interpolation=cv2.INTER_CUBIC)
    return [np.ascontiguousarray(wall[:, speed * i : speed * i + 96], dtype=np.uint8) for i in range(count)]


def film(path: Path, *parts: Frames) -> Path:
    write_video(path, [frame for part in parts for frame in part], fps=25)
    return path


def test_cuts_part_the_scenes(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", scene(0, 23), scene(1, 14), scene(2, 31))
    assert find_cuts(path, tmp_path / "cache") == [23, 37]
    assert scenes(path, tmp_path / "cache") == [range(23), range(23, 37), range(37, 68)]


def test_short_scenes_are_scenes(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", *(scene(seed, 6) for seed in range(5)))
    assert find_cuts(path, tmp_path / "cache") == [6, 12, 18, 24]


def test_movement_light_and_fades_are_no_cuts(tmp_path: Path) -> None:
    fast = scene(0, 40, speed=12)
    dimmed = [(frame * (1 - 0.02 * i)).astype(np.uint8) for i, frame in enumerate(scene(1, 40))]
    pairs = zip(scene(2, 40), scene(3, 40), strict=True)
    faded = [cv2.addWeighted(a, 1 - i / 39, b, i / 39, 0).astype(np.uint8) for i, (a, b) in enumerate(pairs)]
    for name, frames in (("fast", fast), ("dimmed", dimmed), ("faded", faded)):
        path = film(tmp_path / f"{name}.mp4", frames)
        assert find_cuts(path, tmp_path / "cache") == [], name
        assert scenes(path, tmp_path / "cache") == [range(40)]


def test_folders_and_large_frames_have_cuts_too(tmp_path: Path) -> None:
    large = [cv2.resize(frame, (720, 480)).astype(np.uint8) for frame in [*scene(0, 8), *scene(1, 8)]]
    write_frames(tmp_path / "frames", large)
    assert find_cuts(tmp_path / "frames", tmp_path / "cache") == [8]
    assert scenes(tmp_path / "frames" / "*.png", tmp_path / "cache") == [range(8), range(8, 16)]


@pytest.mark.parametrize("name", CLIPS)
def test_real_cuts_are_found(name: str, tmp_path: Path) -> None:
    path = FETCHED / name
    if not path.is_file():
        pytest.skip(f"{path} is not there; fetch it with: vid2vid fetch {path.stem}")
    assert find_cuts(path, tmp_path) == CLIPS[name]


def test_a_video_is_looked_through_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def counted(path: Path) -> Iterator[NDArray[np.uint8]]:
        read.append(path)
        return stream_frames(path)

    monkeypatch.setattr(progress, "stream_frames", counted)
    path, cache = film(tmp_path / "film.mp4", scene(0, 9), scene(1, 9)), tmp_path / "cache"
    assert find_cuts(path, cache) == find_cuts(path, cache) == [9]
    assert len(scenes(path, cache)) == 2
    assert read == [path]
    film(path, scene(0, 12))
    assert find_cuts(path, cache) == []
    assert read == [path, path]
    monkeypatch.setattr("scenedetect.__version__", "another")
    assert find_cuts(path, cache) == []
    assert len(read) == 3
    for memory in cache.glob("*.cuts.json"):
        memory.write_text(json.dumps(json.loads(memory.read_text()) | {"answer": [None]}))
    with pytest.raises(VideoError, match=r"\.cuts\.json: is not a cached answer about a file .*delete it"):
        find_cuts(path, cache)


def test_what_cannot_be_looked_through_is_named(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"none\.mp4: there is no such file"):
        find_cuts(tmp_path / "none.mp4", tmp_path)
    path = film(tmp_path / "film.mp4", scene(0, 5))
    with pytest.raises(VideoError, match="cannot be written"):
        scenes(path, path / "cache")
    assert len(open_frames(path)) == 5


def test_without_the_extra_it_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "film.mp4", scene(0, 5))
    monkeypatch.setitem(sys.modules, "scenedetect", None)
    with pytest.raises(MissingExtraError, match=r"vid2vid\[cuts\]"):
        find_cuts(path, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
