"""Detection of a data set's condition, its kind and its settings, from the files and the settings of the data."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import KINDS, Condition
from vid2vid.config import FolderConfig
from vid2vid.data.conditions import KIND_CLASSES
from vid2vid.data.formats.file_cache import cached_file_answer
from vid2vid.data.formats.frame_files import holds_keypoints
from vid2vid.data.formats.palettes import first_of_each_colour, read_palette
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.video import open_frames, open_labels, stream_frames, stream_labels
from vid2vid.video.progress import progress

_SIMULATOR = (
    "its pixels seem to hold the class in the red channel, and nothing or an object's number in green and blue, as "
    "simulators write them. data.layout=carla reads such maps (docs/simulators.md); or write the red channel alone as "
    "grey PNG for the classes, and use the maps as they are as instance maps."
)
# Simulators have no class ids above this.
_MOST_RED = 40
# Least share of pixels, in a drawn picture, that equal their neighbour.
_FLAT = 0.8
# Least share of pixels, in a label map, whose ids have areas.
_AREAS = 0.5
# Fewer ids without areas than this may be small objects.
_LEAST_BETWEEN = 4


def detect_condition(
    sequences: list[VideoSequence],
    kinds: tuple[str, ...],
    config: FolderConfig,
    cache: Path,
    class_in_red: bool = False,
) -> Condition:
    """Return the condition of some sequences.

    Args:
        sequences: The sequences, at least one; the first one decides the kind.
        kinds: The kinds that the data-set format allows, the most likely first.
        config: Settings of the data set.
        cache: The cache folder.
        class_in_red: Whether the conditions are label maps with the class in red.

    Raises:
        ConfigError: The files hold another kind of condition than ``config.condition``, or a palette lacks an id.
        DataError: A file cannot be read, or only some of the sequences have DensePose maps.
    """
    kind = "labels" if class_in_red else _kind(sequences[0], kinds, config)
    if KINDS[kind].has_labels:
        return _label_condition(kind, sequences, config, cache, class_in_red)
    settings = {name: getattr(config, name) for name in KINDS[kind].settings if hasattr(config, name)}
    if settings.get("densepose"):
        without = [sequence for sequence in sequences if sequence.densepose is None]
        if 0 < len(without) < len(sequences):
            raise DataError(
                f"{without[0].target}: has no DensePose maps, but other sequences have. Add them, or leave all of them "
                "out with data.densepose=false."
            )
        settings["densepose"] = not without
    return Condition(kind, edge_thresholds=list(config.edge_thresholds), **settings)


@dataclass(frozen=True)
class _PictureSample:
    """The first, the middle and the last condition of a sequence.

    Attributes:
        colours: ``(N, H, W, 3)`` uint8.
        ids: ``(N, H, W)`` uint8, the ids in the pictures; None if they are not maps of ids.
        why: Why they are not.
    """

    colours: NDArray[np.uint8]
    ids: NDArray[np.uint8] | None
    why: str = ""

    @classmethod
    def read(cls, sequence: VideoSequence) -> "_PictureSample":
        last = sequence.frames - 1
        indices = [sequence.start + t for t in sorted({0, last // 2, last})]
        colours = open_frames(sequence.source).read(indices)
        try:
            return cls(colours, open_labels(sequence.source).read(indices))
        except VideoError as error:
            return cls(colours, None, str(error))


def _kind(sequence: VideoSequence, kinds: tuple[str, ...], config: FolderConfig) -> str:
    """Return the kind of condition of a sequence."""
    wanted = "" if config.condition == "auto" else config.condition
    if wanted and not KINDS[wanted].stored:
        return wanted
    source = sequence.source
    if holds_keypoints(source):
        points = read_keypoints(source).points.shape[2]
        fitting = [kind for kind in KINDS if KIND_CLASSES[kind].points == points]
        if wanted and wanted not in fitting:
            raise ConfigError(
                f"{source}: holds keypoints of the kind {fitting[0]!r}, but data.condition={wanted!r}; set "
                f"data.condition={fitting[0]}."
            )
        return wanted or fitting[0]
    if wanted and KINDS[wanted].stored == "keypoints":
        raise ConfigError(
            f"{source}: holds pictures, but data.condition={wanted!r} needs keypoints; give these, or leave "
            "data.condition out."
        )
    if wanted:
        return wanted
    sample = _PictureSample.read(sequence)
    if not config.palette and _class_in_red(sample.colours):
        raise DataError(f"{source}: {_SIMULATOR} To use them as pictures, set data.condition=image.")
    if sample.ids is not None and "labels" in kinds and _mostly_areas(sample.ids):
        # maps with too many ids for labels would be taken for grey pictures
        _refuse_between(source, *_ids_seen(sample.ids))
    likely = (k for k in kinds if KIND_CLASSES[k].looks_like(sample.colours, sample.ids, bool(config.palette)))
    return next(likely, kinds[0])


def _label_condition(
    kind: str, sequences: list[VideoSequence], config: FolderConfig, cache: Path, class_in_red: bool
) -> Condition:
    """Return a condition of label maps, with the ids from the settings, the palette, or else the files."""
    palette = read_palette(config.palette) if config.palette else []
    sample = _PictureSample.read(sequences[0])
    if class_in_red:
        sample = _PictureSample(sample.colours, sample.colours[..., 0])
    coloured = sample.ids is None
    if coloured and not palette:
        hint = _SIMULATOR if _class_in_red(sample.colours) else "If these are labels in colours, give data.palette."
        raise DataError(f"{sample.why} {hint}")
    if sample.ids is not None:
        _refuse_between(sequences[0].source, *_ids_seen(sample.ids))
    known = {label.id: label for label in (first_of_each_colour(palette) if coloured else palette)}
    paths = {s.source: None for s in sequences}
    ids = list(config.label_ids) or list(known) or _ids_in_files(paths, cache, class_in_red)
    missing = [str(i) for i in ids if known and i not in known]
    if missing:
        raise ConfigError(
            f"data.label_ids: the palette {config.palette} has no label {', '.join(missing)}; add it to the palette, "
            "or leave it out."
        )
    labels = [known[i] for i in ids] if known else []
    return Condition(
        kind,
        ids,
        list(config.label_names) or [label.name for label in labels],
        [list(label.colour) for label in labels],
        coloured,
        [list(pair) for pair in config.mirrored],
        class_in_red=class_in_red,
    )


def _class_in_red(colours: NDArray[np.uint8]) -> bool:
    """Whether pictures are flat, with small numbers in red, and zeros or object numbers in green and blue."""
    red, rest = colours[..., 0], colours[..., 1:]
    if red.max() > _MOST_RED or red.min() == red.max() or (rest == red[..., None]).all():
        return False
    flat = (colours[:, :, 1:] == colours[:, :, :-1]).all(axis=-1).mean()
    kinds = len(np.unique(colours.reshape(-1, 3), axis=0))
    return bool(flat >= _FLAT and (not rest.any() or kinds > len(np.unique(red))))


def _mostly_areas(maps: NDArray[np.uint8]) -> bool:
    """Whether maps ``(N, H, W)`` consist of areas of at least three ids; grey drawings have two, photographs none."""
    solid = _ids_seen(maps)[1]
    return bool(solid.sum() > 2 and solid[maps].mean() >= _AREAS)


def _ids_seen(maps: Iterable[NDArray[np.uint8]]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which ids 0..255 occur in maps ``(H, W)``, and which have areas: they fill a square of 3 x 3 pixels."""
    seen, solid = np.zeros(256, bool), np.zeros(256, bool)
    for labels in maps:
        seen[np.unique(labels)] = True
        solid[_solid_ids(labels)] = True
    return seen, solid


def _solid_ids(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ids that fill a square of 3 x 3 pixels anywhere in a map."""
    labels, square = np.ascontiguousarray(labels), np.ones((3, 3), np.uint8)
    alike = cv2.erode(labels, square) == cv2.dilate(labels, square)
    return np.unique(labels[1:-1, 1:-1][alike[1:-1, 1:-1]])


def _refuse_between(path: Path, seen: NDArray[np.bool_], solid: NDArray[np.bool_]) -> None:
    """Refuse maps in which most ids have no area: interpolation between two classes creates such ids.

    Raises:
        DataError: More ids lack an area than have one.
    """
    between = np.flatnonzero(seen & ~solid)
    if len(between) >= _LEAST_BETWEEN and len(between) > solid.sum() > 0:
        some = ", ".join(map(str, between[:_LEAST_BETWEEN]))
        raise DataError(
            f"{path}: {len(between)} of {seen.sum()} ids, such as {some}, only occur along borders: the label maps "
            "were resized with interpolation, or compressed with loss. Export them again as PNG, resized with nearest "
            "neighbour. If they are pictures, not label maps, set data.condition=grey."
        )


def _ids_in_files(paths: Iterable[Path], cache: Path, class_in_red: bool) -> list[int]:
    """Return the ids 0..255 in videos or folders of label maps, in ascending order."""

    def find(path: Path) -> list[int]:
        maps = (colours[..., 0] for colours in stream_frames(path)) if class_in_red else stream_labels(path)
        seen, solid = _ids_seen(progress(maps, f"ids in {path.name}", unit="map"))
        _refuse_between(path, seen, solid)
        return [int(i) for i in np.flatnonzero(seen)]

    question = "red_labels" if class_in_red else "labels"
    return sorted({i for path in paths for i in cached_file_answer(path, question, cache, find)})
