"""Which layout a data set has: told by the names of its folders."""

from pathlib import Path

from vid2vid.data.formats import cityscapes, folders
from vid2vid.data.formats.footage import Footage
from vid2vid.data.formats.table import LAYOUTS
from vid2vid.errors import DataError

CITYSCAPES = "cityscapes"


def detect(root: Path) -> str:
    """Return the name of the layout that a data set has.

    Args:
        root: Its folder.

    Raises:
        DataError: There is no such folder, or it has no layout that is known, or several.
    """
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder; check data.path.")
    names = [name for name, layout in LAYOUTS.items() if folders.is_here(layout, root)]
    names += [CITYSCAPES] if cityscapes.is_here(root) else []
    if len(names) > 1:
        raise DataError(f"{root}: can be read as {' or '.join(names)}; choose with data.layout.")
    if not names:
        raise DataError(f"{root}: has none of the layouts that are known. {_help(root)}")
    return names[0]


def find(root: Path, layout: str, condition: str) -> tuple[list[Footage], tuple[str, ...]]:
    """List the sequences of a data set.

    Args:
        root: Its folder.
        layout: The name of its layout.
        condition: The kind of condition that is wanted, or ``auto``.

    Returns:
        The sequences, in natural order; and the kinds that their conditions can be.

    Raises:
        DataError: It has no frames, or no conditions of this kind.
    """
    if layout == CITYSCAPES:
        return cityscapes.find(root, condition)
    return folders.find(LAYOUTS[layout], root, condition)


def _help(root: Path) -> str:
    there = sorted(path.name + "/" * path.is_dir() for path in root.iterdir() if not path.name.startswith("."))
    known = [*map(str, LAYOUTS.values()), f"{CITYSCAPES} ({cityscapes.IMAGES}/ with gtFine/)"]
    some = ", ".join(there[:10]) + ", …" * (len(there) > 10)
    return f"It holds: {some or 'nothing'}. Known are: {'; '.join(known)}."
