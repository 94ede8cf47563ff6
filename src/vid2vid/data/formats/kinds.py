"""What the conditions of a data set are: told by what stands in the files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.config import FolderConfig
from vid2vid.data.formats.examining import holds_keypoints
from vid2vid.data.formats.ids import found_ids
from vid2vid.data.formats.palettes import Label, distinct, read_palette
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.keypoints import FACE_POINTS, read_keypoints
from vid2vid.video import open_frames, open_labels

MOST_IDS = 64
"""A grey picture with more values than that is taken for a photograph, not for a map of labels."""


def condition_of(
    sequences: list[VideoSequence], kinds: tuple[str, ...], config: FolderConfig, cache: Path
) -> Condition:
    """Find out what the conditions of some sequences are.

    Args:
        sequences: The sequences, at least one; the first one decides the kind.
        kinds: The kinds that the layout allows, the most likely one first.
        config: What is known already.
        cache: Folder for what is computed once.

    Raises:
        ConfigError: The files hold another kind of condition than ``config.condition``, or a palette lacks an id.
        DataError: A file cannot be read.
    """
    kind = _kind(sequences[0], kinds, config)
    if kind == "labels":
        return _labels(sequences, config, cache)
    if kind == "edges":
        return Condition(kind, edge_thresholds=list(config.edge_thresholds))
    if kind == "face":
        return Condition(kind, distance_maps=config.distance_maps)
    if kind == "pose":
        return Condition(kind, limb_maps=config.limb_maps, densepose=config.densepose and _have_densepose(sequences))
    return Condition(kind)


@dataclass(frozen=True)
class Sample:
    """Some pictures of a sequence.

    Attributes:
        colours: ``(N, H, W, 3)`` uint8.
        ids: ``(N, H, W)`` uint8, the ids that stand in them; None where they are no maps of ids.
        why: Why not.
    """

    colours: NDArray[np.uint8]
    ids: NDArray[np.uint8] | None
    why: str = ""

    @classmethod
    def of(cls, sequence: VideoSequence) -> "Sample":
        """Read the first, the middle and the last condition of a sequence.

        Raises:
            DataError: They cannot be read.
        """
        last = sequence.frames - 1
        indices = [sequence.start + t for t in sorted({0, last // 2, last})]
        colours = open_frames(sequence.source).read(indices)
        try:
            return cls(colours, open_labels(sequence.source).read(indices))
        except VideoError as error:
            return cls(colours, None, str(error))


def picture_kind(sample: Sample, kinds: tuple[str, ...], in_colours: bool) -> str:
    """Tell what pictures are.

    Args:
        sample: Some of them.
        kinds: The kinds that they can be.
        in_colours: Whether there is a palette, so that colours can be labels.
    """
    if sample.ids is None:
        grey = (sample.colours == sample.colours[..., :1]).all()
        likely = ("grey" if grey else "labels" if in_colours else "image", "image")
    else:
        values = set(np.unique(sample.ids).tolist())
        # black and white only: a drawing
        likely = ("labels" if len(values) <= MOST_IDS and not values <= {0, 255} else "grey", "labels")
    return next(kind for kind in likely if kind in kinds)


def _kind(sequence: VideoSequence, kinds: tuple[str, ...], config: FolderConfig) -> str:
    wanted = None if config.condition == "auto" else config.condition
    if wanted == "edges":
        return wanted
    source = sequence.source
    if holds_keypoints(source):
        found = "face" if read_keypoints(source).points.shape[2] == FACE_POINTS else "pose"
        if wanted not in (None, found):
            raise ConfigError(f"{source}: holds keypoints of the kind {found!r}, but data.condition={wanted!r}.")
        return found
    if wanted in ("face", "pose"):
        raise ConfigError(f"{source}: holds pictures, but data.condition={wanted!r} needs keypoints.")
    return wanted or picture_kind(Sample.of(sequence), kinds, bool(config.palette))


def _have_densepose(sequences: list[VideoSequence]) -> bool:
    without = [sequence for sequence in sequences if sequence.densepose is None]
    if 0 < len(without) < len(sequences):
        raise DataError(
            f"{without[0].target}: has no DensePose maps, but other sequences have. Add them, or leave all of them out "
            "with data.densepose=false."
        )
    return not without


def _labels(sequences: list[VideoSequence], config: FolderConfig, cache: Path) -> Condition:
    palette = read_palette(config.palette) if config.palette else []
    sample = Sample.of(sequences[0])
    coloured = sample.ids is None
    if coloured and not palette:
        raise DataError(f"{sample.why} If these are labels in colours, give data.palette.")
    known = distinct(palette) if coloured else palette
    ids = list(config.label_ids) or [label.id for label in known]
    if not ids:
        ids = found_ids({sequence.source: None for sequence in sequences}, cache)
    chosen = _chosen(ids, known, config.palette)
    return Condition(
        "labels",
        ids,
        list(config.label_names) or [label.name for label in chosen],
        [list(label.colour) for label in chosen],
        coloured,
        [list(pair) for pair in config.mirrored],
    )


def _chosen(ids: list[int], known: list[Label], palette: str) -> list[Label]:
    if not known:
        return []
    by_id = {label.id: label for label in known}
    missing = [i for i in ids if i not in by_id]
    if missing:
        raise ConfigError(f"data.label_ids: the palette {palette} has no label {', '.join(map(str, missing))}.")
    return [by_id[i] for i in ids]
