"""`CityscapesFormat`: snippets of 30 frames, many in the folder of each city."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from vid2vid.condition import KINDS, Plane
from vid2vid.data.formats.splits import SETS, splits_of
from vid2vid.data.formats.validator import SOURCE, TARGET, SequenceFiles
from vid2vid.errors import DataError
from vid2vid.video import list_images

_IMAGES = "leftImg8bit_sequence"
_LABEL_MAPS = "*_labelIds.png"
_INSTANCE_MAPS = "*_instanceIds.png"
_NAME = re.compile(r"(?P<sequence>.+_\d+)_(?P<frame>\d+)_[A-Za-z]\w*")


class CityscapesFormat:
    """The videos of Cityscapes. Frames with consecutive numbers form a snippet; a gap begins another one."""

    name = palette = "cityscapes"
    class_in_red = False
    planes: ClassVar[Mapping[str, Plane]] = {}

    def __str__(self) -> str:
        """Return the name, with the folders by which the format is recognised."""
        return f"{self.name} ({_IMAGES}/ with gtFine/)"

    def matches(self, root: Path) -> bool:
        """Whether a folder contains the videos of Cityscapes."""
        return (root / _IMAGES).is_dir()

    def list_sequences(
        self, root: Path, condition: str, planes: Collection[Plane] = ()
    ) -> tuple[list[SequenceFiles], tuple[str, ...]]:
        """List the snippets (see `FolderFormat.list_sequences`).

        The label maps are taken from the folder with the most of them among those whose name begins with ``gt``.

        Raises:
            DataError: There are no frames or no folder of labels, a file is named otherwise, or planes or another kind
                of condition are wanted.
        """
        if planes:
            raise DataError(
                f"{root}: planes ({', '.join(plane.name for plane in planes)}) are not read from "
                "Cityscapes; arrange the files as in data.layout=paired."
            )
        splits = splits_of(SETS, lambda name: (root / _IMAGES / name).is_dir())
        if not splits:
            raise DataError(f"{root / _IMAGES}: has neither train/ nor val/; check data.path.")
        labels: Path | None = None
        if condition in ("auto", "labels"):
            condition = "labels"
            folders = [path for path in sorted(root.glob("gt*")) if path.is_dir()]
            if not folders:
                raise DataError(f"{root}: has no folder of labels; add one, such as gtFine/ or gtFine_sequence/.")
            labels = max(folders, key=lambda folder: sum(1 for _ in folder.glob(f"*/*/{_LABEL_MAPS}")))
        elif KINDS[condition].stored:
            raise DataError(
                f"{root}: Cityscapes has no conditions of the kind {condition!r}; set data.condition=labels."
            )
        found = [
            snippet
            for name, split in splits.items()
            for city in sorted((root / _IMAGES / name).iterdir())
            if city.is_dir()
            for snippet in _snippets(city, split, labels / name / city.name if labels else None)
        ]
        return found, (condition,)


def _snippets(city: Path, split: str, labels: Path | None) -> Iterator[SequenceFiles]:
    """Yield the snippets of a city; without label maps, the frames themselves are the source."""
    paths = list_images(city)
    frames = [_frame(path) for path in paths]
    files, problem = {TARGET: city, SOURCE: city}, ""
    if labels is not None:
        files[SOURCE] = labels / _LABEL_MAPS
        problem = _problem(dict(zip(frames, paths, strict=True)), labels)
        if any(labels.glob(_INSTANCE_MAPS)):
            files["instance"] = labels / _INSTANCE_MAPS
    starts = [i for i, (name, number) in enumerate(frames) if i == 0 or frames[i - 1] != (name, number - 1)]
    for start, end in zip(starts, [*starts[1:], len(frames)], strict=True):
        yield SequenceFiles(_stem(paths[start]), split, files, start, end - start, problem)


def _frame(path: Path) -> tuple[str, int]:
    """Return the sequence that a file belongs to, and the number of its frame."""
    name = _NAME.fullmatch(path.stem)
    if name is None:
        raise DataError(f"{path}: is not named <city>_<sequence>_<frame>_… as the files of Cityscapes are.")
    return name["sequence"], int(name["frame"])


def _stem(path: Path) -> str:
    """Return the prefix that the names of all files of a frame share."""
    return path.stem.rsplit("_", 1)[0]


def _problem(frames: dict[tuple[str, int], Path], labels: Path) -> str:
    """Return why the label maps of a city do not fit its frames; empty if they do."""
    maps = {_frame(path): path for path in sorted(labels.glob(_LABEL_MAPS))}
    strange = [path for frame, path in maps.items() if frame not in frames]
    if strange:
        return f"{strange[0]}: there is no such frame among those of {next(iter(frames.values())).parent}."
    without = [path for frame, path in frames.items() if frame not in maps]
    if not without:
        return ""
    return (
        f"{labels}: has label maps for {len(maps)} of {len(frames)} frames; the first without one is {without[0]}. "
        "Each frame of a video needs one, but gtFine itself has one in a snippet of 30: let a segmentation network "
        f"label the others, into a folder gtFine_sequence of the same form ({_stem(without[0])}_gtFine_labelIds.png)."
    )
