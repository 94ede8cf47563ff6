"""One video: made readable, its cuts found, its conditions extracted."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from vid2vid.config import VideoConfig
from vid2vid.config.data import VIDEO_CONDITIONS
from vid2vid.data.conditions import KIND_CLASSES
from vid2vid.data.prepare.record import Record
from vid2vid.data.prepare.split import SHORTEST
from vid2vid.errors import DataError, VideoError
from vid2vid.files import cache_folder
from vid2vid.video import Header, exact_path, inspect, is_folder, scenes


def resolve_auto(config: VideoConfig) -> VideoConfig:
    """Return the settings with ``auto`` replaced by what is installed, so that they tell what the result depends on."""
    extractor, cuts = config.extractor, config.cuts
    if extractor == "auto":
        extractor = "mediapipe" if find_spec("dlib") is None and find_spec("mediapipe") is not None else "dlib"
    if cuts == "auto":
        cuts = "ignore" if find_spec("scenedetect") is None else "find"
    return replace(config, extractor=extractor, cuts=cuts)


def prepare_video(name: str, path: Path, config: VideoConfig, root: Path) -> Record:
    """Prepare a video, unless it is prepared already.

    Args:
        name: Its name in the data set.
        path: The video file or folder of images.
        config: What is made of it.
        root: Where to: ``root/videos/NAME.json``, and its conditions beside.

    Raises:
        VideoError: It cannot be read.
        DataError: Under the same root it was prepared from another file or with other settings, or nobody is in it.
        MissingExtraError: An extractor is not installed.
    """
    place = root / "videos" / f"{name}.json"
    made_of = _made_of(path, config)
    record = Record.load(place)
    if record is not None and record.made_of == made_of and record.complete:
        return record
    if record is not None and record.made_of != made_of and config.root:
        changed = [key for key, value in made_of.items() if record.made_of.get(key) != value]
        raise DataError(
            f"{place}: {name!r} was prepared with other settings, or from another file ({', '.join(changed)}). Delete "
            f"{root} to have everything made anew, or choose another data.root."
        )
    cache = cache_folder(config.cache)
    if is_folder(path):
        # of a file, `exact_path` does
        inspect(path)
    target = exact_path(path, cache)
    found = KIND_CLASSES[VIDEO_CONDITIONS[config.condition]].extract(target, name, config, root)
    frames = found.frames
    spans = [span for scene in _scenes(target, frames, config, cache) for span in _without(scene, found.missing)]
    if not spans:
        raise DataError(f"{path}: no part of it can be used: {found.report or f'it has {frames} frames'}.")
    fps = Header.read(target).fps
    files = (str(found.source), found.foreground, found.background)
    record = Record(name, made_of, str(target), fps, spans, *files, found.report)
    record.save(place)
    return record


def _made_of(path: Path, config: VideoConfig) -> dict[str, Any]:
    try:
        state = path.stat()
    except OSError as error:
        raise VideoError(f"{path}: cannot be read: {error.strerror}; check the path.") from error
    video = {"path": str(path.resolve()), "size": state.st_size, "changed": state.st_mtime_ns}
    names = ["condition", "extractor", "silhouette", "longest_gap", "smooth", "cuts", "background_edges"]
    names += ["edge_thresholds"] if config.background_edges else []
    return {**video, **{name: getattr(config, name) for name in names}}


def _scenes(target: Path, frames: int, config: VideoConfig, cache: Path) -> list[range]:
    """Return the parts of a video without a cut."""
    if config.cuts == "ignore":
        return [range(frames)]
    return scenes(target, cache)


def _without(scene: range, missing: tuple[range, ...]) -> list[tuple[int, int]]:
    """Return the parts of a scene without some frames, but for those that are too short to show a movement."""
    spans, start = [], scene.start
    for gap in (*missing, range(scene.stop, scene.stop)):
        stop = min(max(gap.start, start), scene.stop)
        spans.append((start, stop))
        start = max(start, min(gap.stop, scene.stop))
    return [(first, stop) for first, stop in spans if stop - first >= SHORTEST]
