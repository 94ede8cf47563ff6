"""`Manifest`: the sequences of a data set, each with its files and number of frames."""

import json
import math
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path, PurePath
from typing import Any

from vid2vid.condition import Condition
from vid2vid.config import build
from vid2vid.errors import DataError, choose
from vid2vid.files import parse_json, write_text

FORMAT = "vid2vid-manifest-1"
SPLITS = ("train", "val")
_PATHS = {"target", "source", "instance", "background", "densepose", "foreground", "flow", "heading"}


@dataclass(frozen=True)
class VideoSequence:
    """One uninterrupted video with its conditions.

    Attributes:
        name: Unique name, used for caches, messages and output files.
        split: ``train`` or ``val``.
        target: The real frames x: a video file or a folder of images.
        source: The conditions s: a video file, a folder of images, or keypoints (`vid2vid.keypoints`); equal to
            ``target`` if they are computed from it (edges).
        frames: Number of frames used.
        start: Index of the first frame used in the files.
        instance: Object ids as a lossless video (`vid2vid.video.write_ids`), or None.
        background: Edges around a face, as a grey video or images, or None.
        densepose: DensePose maps (part, u, v as blue, green, red) as a lossless video or images, or None.
        foreground: A soft mask of the foreground (a silhouette) as a grey video or images, or None.
        flow: Folder of reference flows (`vid2vid.flow.store.FlowStore`), or None; its entries count from ``start``.
        heading: Headings of cars, a JSON list with radians by instance id for each frame, or None; training does not
            read it.
        planes: Files of planes (`vid2vid.data.planes.PlaneFrames`) by name, such as ``depth``.
    """

    name: str
    split: str
    target: Path
    source: Path
    frames: int
    start: int = 0
    instance: Path | None = None
    background: Path | None = None
    densepose: Path | None = None
    foreground: Path | None = None
    flow: Path | None = None
    heading: Path | None = None
    planes: dict[str, Path] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Manifest:
    """A data set: its sequences and their condition.

    Attributes:
        condition: The condition in the source files.
        sequences: All sequences of all splits.
        fps: Frames a second, for the videos that are written.
    """

    condition: Condition
    sequences: list[VideoSequence] = field(default_factory=list)
    fps: float = 25.0

    @property
    def files(self) -> list[Path]:
        """All files and folders of the sequences."""
        paths = [getattr(sequence, name) for sequence in self.sequences for name in sorted(_PATHS)]
        planes = [path for sequence in self.sequences for path in sequence.planes.values()]
        return [path for path in [*paths, *planes] if path is not None]

    def split(self, name: str) -> list[VideoSequence]:
        """Return the sequences of one split.

        Raises:
            DataError: The split has no sequences.
        """
        chosen = [sequence for sequence in self.sequences if sequence.split == name]
        if not chosen:
            raise DataError(f"the data set has no sequence in the split {name!r}; its splits: {sorted(self.splits())}")
        return chosen

    def splits(self) -> set[str]:
        """Return the names of the splits that have sequences."""
        return {sequence.split for sequence in self.sequences}

    def save(self, path: Path) -> None:
        """Write the manifest as JSON, with paths relative to its folder."""
        folder = path.parent.resolve()

        def relative(place: Path) -> str:
            absolute = place.resolve()
            return str(absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute)

        rows = []
        for sequence in self.sequences:
            row = {name: value for name, value in vars(sequence).items() if value is not None}
            row |= {key: relative(row[key]) for key in _PATHS & row.keys()}
            row["planes"] = {name: relative(place) for name, place in sequence.planes.items()}
            rows.append(row)
        text = {"format": FORMAT, "fps": self.fps, "condition": asdict(self.condition), "sequences": rows}
        write_text(path, json.dumps(text, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """Read a manifest.

        Raises:
            DataError: The file is missing or not a manifest, or an entry is invalid.
        """
        if path.is_dir():
            path = path / "manifest.json"
        if not path.is_file():
            raise DataError(f"{path}: there is no manifest here; make one with `vid2vid prepare`, or check data.path.")
        try:
            text = parse_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: not a JSON manifest: {error}") from error
        if not isinstance(text, dict) or text.get("format") != FORMAT:
            raise DataError(f"{path}: not a manifest of the format {FORMAT!r}; make one with `vid2vid prepare`.")
        try:
            condition = build(Condition, text["condition"], "condition")
            folder = path.parent.resolve()
            sequences = [_sequence(row, folder) for row in text["sequences"]]
            manifest = cls(condition, sequences, float(text["fps"]))
        except KeyError as error:
            raise DataError(f"{path}: the entry {error} is missing.") from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise DataError(f"{path}: an entry is invalid: {error}") from error
        _check(manifest, path)
        return manifest


def _sequence(row: dict[str, Any], folder: Path) -> VideoSequence:
    """Make a sequence from its entry in a manifest, whose paths are relative to a folder."""
    needed = {f.name for f in fields(VideoSequence) if f.default is MISSING and f.default_factory is MISSING}
    if missing := sorted(needed - row.keys()):
        raise ValueError(f"the sequence {row.get('name')!r} has no {', '.join(missing)}")
    for key in row.keys() - {"depth"}:
        choose(key, [f.name for f in fields(VideoSequence)], f"the sequence {row['name']!r}, key")
    planes = dict(row.pop("planes", {}))
    # as older manifests named depth, before they had named planes
    if "depth" in row:
        planes["depth"] = row.pop("depth")
    paths = {key: folder / value if key in _PATHS else value for key, value in row.items()}
    return VideoSequence(**paths, planes={name: folder / place for name, place in planes.items()})


def _check(manifest: Manifest, path: Path) -> None:
    """Refuse invalid entries, such as typing errors.

    Raises:
        DataError: An entry is wrong; the message names the sequence.
    """
    if not 0 < manifest.fps < math.inf:
        raise DataError(f"{path}: fps must be above 0, but is {manifest.fps}.")
    names: set[str] = set()
    for sequence in manifest.sequences:
        whose = f"{path}: the sequence {sequence.name!r}"
        # files are named after the sequence
        if not isinstance(sequence.name, str) or not _is_inside(sequence.name):
            raise DataError(f"{whose} needs a name that is a text, without .. and not beginning with a slash.")
        if sequence.name in names:
            raise DataError(f"{whose} occurs twice; each needs its own name.")
        if sequence.split not in SPLITS:
            raise DataError(f"{whose} is in the split {sequence.split!r}; the splits are {' and '.join(SPLITS)}.")
        for key, least in (("frames", 1), ("start", 0)):
            value = getattr(sequence, key)
            if not isinstance(value, int) or value < least:
                raise DataError(f"{whose} has {key}={value!r}, which must be a whole number of at least {least}.")
        names.add(sequence.name)


def _is_inside(name: str) -> bool:
    path = PurePath(name)
    return bool(path.parts) and ".." not in path.parts and not path.is_absolute() and "\0" not in name
