"""Finding the snippets of Cityscapes: 30 frames each, many of them in the folder of a city."""

import re
from collections.abc import Iterator
from pathlib import Path

from vid2vid.data.formats.footage import SOURCE, TARGET, Footage
from vid2vid.data.formats.splits import splits_of
from vid2vid.data.formats.table import SETS
from vid2vid.errors import DataError
from vid2vid.video import list_images

IMAGES = "leftImg8bit_sequence"
LABEL_MAPS = "*_labelIds.png"
INSTANCE_MAPS = "*_instanceIds.png"
KINDS = ("labels",)

_NAME = re.compile(r"(?P<sequence>.+_\d+)_(?P<frame>\d+)_[A-Za-z]\w*")


def is_here(root: Path) -> bool:
    """Whether a folder holds Cityscapes' videos."""
    return (root / IMAGES).is_dir()


def find(root: Path, condition: str) -> tuple[list[Footage], tuple[str, ...]]:
    """List the snippets: frames with consecutive numbers; a gap begins another one.

    The labels are those of the folder whose name begins with ``gt`` that has most of them.

    Args:
        root: The folder of the data set.
        condition: The kind of condition that is wanted, or ``auto``.

    Returns:
        The snippets, in natural order, those without label maps too; and the kinds that their conditions can be.

    Raises:
        DataError: There are no frames, no folder of labels, files with other names, or another kind is wanted.
    """
    splits = splits_of(SETS, lambda name: (root / IMAGES / name).is_dir())
    if not splits:
        raise DataError(f"{root / IMAGES}: has neither train/ nor val/.")
    if condition == "edges":
        return [snippet for name, split in splits.items() for snippet in _cities(root, name, split, None)], ("edges",)
    if condition not in ("auto", *KINDS):
        raise DataError(f"{root}: Cityscapes has labels, and no conditions of the kind {condition!r}.")
    truth = _ground_truth(root)
    return [snippet for name, split in splits.items() for snippet in _cities(root, name, split, truth)], KINDS


def _ground_truth(root: Path) -> Path:
    folders = [path for path in sorted(root.glob("gt*")) if path.is_dir()]
    if not folders:
        raise DataError(f"{root}: has no folder of labels, such as gtFine/ or gtFine_sequence/.")
    return max(folders, key=lambda folder: sum(1 for _ in folder.glob(f"*/*/{LABEL_MAPS}")))


def _cities(root: Path, name: str, split: str, truth: Path | None) -> Iterator[Footage]:
    for city in sorted((root / IMAGES / name).iterdir()):
        if city.is_dir():
            yield from _snippets(city, split, truth / name / city.name if truth else None)


def _snippets(city: Path, split: str, labels: Path | None) -> Iterator[Footage]:
    paths = list_images(city)
    frames = [_frame(path) for path in paths]
    files, problem = {TARGET: city, SOURCE: city}, ""
    if labels is not None:
        files[SOURCE] = labels / LABEL_MAPS
        problem = _problem(dict(zip(frames, paths, strict=True)), labels)
        if any(labels.glob(INSTANCE_MAPS)):
            files["instance"] = labels / INSTANCE_MAPS
    starts = [i for i, frame in enumerate(frames) if i == 0 or frame != _after(frames[i - 1])]
    for start, end in zip(starts, [*starts[1:], len(frames)], strict=True):
        yield Footage(_stem(paths[start]), split, files, start, end - start, problem)


def _frame(path: Path) -> tuple[str, int]:
    """Return the sequence that a file belongs to, and the number of its frame."""
    name = _NAME.fullmatch(path.stem)
    if name is None:
        raise DataError(f"{path}: is not named <city>_<sequence>_<frame>_… as the files of Cityscapes are.")
    return name["sequence"], int(name["frame"])


def _after(frame: tuple[str, int]) -> tuple[str, int]:
    return frame[0], frame[1] + 1


def _stem(path: Path) -> str:
    """Return what the names of all the files of a frame begin with."""
    return path.stem.rsplit("_", 1)[0]


def _problem(frames: dict[tuple[str, int], Path], labels: Path) -> str:
    """Say why the label maps of a city do not fit its frames, or nothing."""
    maps = {_frame(path): path for path in sorted(labels.glob(LABEL_MAPS))}
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
