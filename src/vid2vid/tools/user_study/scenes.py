"""The scenes of a user study: for each the videos that the models made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vid2vid.data.prepare import list_videos
from vid2vid.errors import ConfigError, DataError, listed
from vid2vid.video import Header, is_folder

_SAME_RATE = 0.01
"""Relative difference that frame rates may have: some writers round 29.97."""

_MOST_NAMED = 5


@dataclass(frozen=True)
class ComparedScene:
    """One scene and the videos of it.

    Attributes:
        name: Unique among the scenes.
        models: For each model its video: a file or a folder of images.
        beside: What is shown beside every pair, by its caption.
        fps: Frames a second.
        damaged: One of ``models`` whose video is shown in coarse blocks; empty: none.
    """

    name: str
    models: dict[str, Path]
    beside: dict[str, Path]
    fps: float
    damaged: str = ""


def gather_scenes(models: Mapping[str, Path], beside: Mapping[str, Path], fps: float = 0.0) -> list[ComparedScene]:
    """Find the videos of all models, scene by scene.

    Args:
        models: For each model a folder of videos (files or folders of images), or one video. Videos of one name show
            one scene; where each model has a single video, they do whatever their names.
        beside: The same for what is shown beside the pairs, by caption.
        fps: Frames a second; 0: as the videos have it.

    Raises:
        ConfigError: There are fewer than two models, or the frame rates of a scene differ and ``fps`` is not given.
        DataError: A scene is missing somewhere, or two videos of a folder have one name.
        VideoError: There is no video, or its head cannot be read.
    """
    if len(models) < 2:
        raise ConfigError(f"models: give two or more to compare, not {len(models)}.")
    places = {**{f"models.{name}": path for name, path in models.items()}, **beside}
    found: dict[str, dict[str, Path]] = {}
    for owner, path in places.items():
        if not path.exists():
            raise DataError(f"{path}: there is no such file or folder; check {owner}.")
        found[owner] = list_videos(path)
    if all(len(videos) == 1 for videos in found.values()):
        found = {owner: dict(zip(["scene"], videos.values(), strict=True)) for owner, videos in found.items()}
    names = list(dict.fromkeys(name for owner in models for name in found[f"models.{owner}"]))
    for owner, path in places.items():
        # a model must not be rated by some of the scenes only
        missing = [name for name in names if name not in found[owner]]
        if missing:
            raise DataError(
                f"{path}: holds no video of {listed(missing, _MOST_NAMED)}, which other folders have. "
                "Name the videos of one scene alike in all folders, and remove those that not all models have."
            )
    return [
        ComparedScene(
            name,
            {model: found[f"models.{model}"][name] for model in models},
            {caption: found[caption][name] for caption in beside},
            fps or _common_rate(name, [videos[name] for videos in found.values()]),
        )
        for name in names
    ]


def _common_rate(scene: str, videos: list[Path]) -> float:
    """Return the frame rate of a scene; a folder of images has none and takes that of the video files."""
    files = [path for path in videos if not is_folder(path)]
    rates = {path: Header.read(path).fps for path in files or videos[:1]}
    slowest, fastest = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
    if rates[fastest] > rates[slowest] * (1 + _SAME_RATE):
        raise ConfigError(
            f"{scene}: {slowest} has {rates[slowest]:.4g} frames a second, but {fastest} has {rates[fastest]:.4g}. "
            "If their frames show the same moments, give the rate to show them at, fps=..."
        )
    return rates[slowest]
