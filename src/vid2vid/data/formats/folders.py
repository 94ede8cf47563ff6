"""Finding the sequences of the layouts that have a folder for each kind of file."""

from collections.abc import Iterator
from pathlib import Path

from vid2vid.data.formats.footage import SOURCE, TARGET, Footage
from vid2vid.data.formats.splits import splits_of
from vid2vid.data.formats.table import Layout
from vid2vid.errors import DataError
from vid2vid.video.images import natural_order

VIDEO_ENDINGS = (".mp4", ".mkv", ".avi", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".wmv")
KEYPOINT_FILE = ".npz"


def is_here(layout: Layout, root: Path) -> bool:
    """Whether a folder holds frames and conditions where this layout has them."""
    return any(
        layout.folder(root, name, layout.target).is_dir() and _has_source(layout, root, name) for name in layout.sets
    )


def find(layout: Layout, root: Path, condition: str) -> tuple[list[Footage], tuple[str, ...]]:
    """List the sequences of a data set.

    Args:
        layout: How it lies there.
        root: Its folder.
        condition: The kind of condition that is wanted, or ``auto``.

    Returns:
        The sequences, in natural order, those without a partner too; and the kinds that their conditions can be.

    Raises:
        DataError: It has no frames, or no conditions of this kind.
    """
    splits = splits_of(layout.sets, lambda name: layout.folder(root, name, layout.target).is_dir())
    if not splits:
        raise DataError(f"{root}: has no frames where the layout {layout} has them.")
    extras = dict(layout.extras)
    kinds: tuple[str, ...] = ("edges",)
    if condition != "edges":
        extras[SOURCE] = part = _source(layout, root, list(splits), condition)
        kinds = layout.sources[part]
    found = [
        footage
        for name, split in splits.items()
        for footage in _pairs(_folders(layout, root, name, extras), split, condition == "edges")
    ]
    return found, kinds


def entries(folder: Path) -> dict[str, Path]:
    """Return the sequences that lie in a folder, by name: folders of files, videos and files of keypoints.

    Raises:
        DataError: Two have one name, there is none, or the folder cannot be read.
    """
    found: dict[str, Path] = {}
    for path in _listed(folder):
        if path.is_dir() or path.suffix.lower() in (*VIDEO_ENDINGS, KEYPOINT_FILE):
            name = path.name if path.is_dir() else path.stem
            if name in found:
                raise DataError(f"{folder}: has both {found[name].name} and {path.name}; keep one of them.")
            found[name] = path
    if not found:
        raise DataError(
            f"{folder}: holds no sequences. Each is a video file, or a folder of its own with a file for each frame."
        )
    return found


def _has_source(layout: Layout, root: Path, name: str) -> bool:
    return any(layout.folder(root, name, part).is_dir() for part in layout.sources)


def _source(layout: Layout, root: Path, names: list[str], condition: str) -> str:
    """Choose the part that the conditions are taken from."""
    fitting = [part for part, kinds in layout.sources.items() if condition in ("auto", *kinds)]
    for part in fitting:
        if any(layout.folder(root, name, part).is_dir() for name in names):
            return part
    wanted = " or ".join(f"{layout.folder(root, names[0], part)}" for part in fitting)
    raise DataError(
        f"{root}: the layout {layout.name!r} has no conditions of the kind {condition!r}"
        + (f": there is no {wanted}." if wanted else "; choose another data.condition or data.layout.")
    )


def _folders(layout: Layout, root: Path, name: str, extras: dict[str, str]) -> dict[str, Path]:
    """Return the folders of a set that are needed or that are there, by role."""
    paths = {role: layout.folder(root, name, part) for role, part in extras.items()}
    there = {role: path for role, path in paths.items() if role == SOURCE or path.is_dir()}
    return {TARGET: layout.folder(root, name, layout.target), **there}


def _pairs(folders: dict[str, Path], split: str, from_itself: bool) -> Iterator[Footage]:
    found = {role: entries(folder) for role, folder in folders.items()}
    names = {name: None for named in found.values() for name in named}
    for name in sorted(names, key=lambda name: natural_order(Path(name))):
        files = {role: named[name] for role, named in found.items() if name in named}
        if from_itself and TARGET in files:
            files[SOURCE] = files[TARGET]
        missing = [folder for role, folder in folders.items() if role not in files]
        whole = f"{split}-{name}" if split else name
        yield Footage(whole, split, files, problem=_without(missing[0], name, files) if missing else "")


def _without(folder: Path, name: str, files: dict[str, Path]) -> str:
    there = files.get(TARGET) or next(iter(files.values()))
    return f"{there}: its partner is missing: there is no {name!r} in {folder}, as a video or as a folder of files."


def _listed(folder: Path) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read: {error}") from error
    return sorted(paths, key=natural_order)
