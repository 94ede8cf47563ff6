"""The known data-set formats, and the detection of the one that a data set has."""

from pathlib import Path
from typing import Protocol

from vid2vid.condition import KINDS
from vid2vid.data.formats.cityscapes_format import CityscapesFormat
from vid2vid.data.formats.folder_format import FolderFormat
from vid2vid.data.formats.validator import SequenceFiles
from vid2vid.errors import DataError


class DataSetFormat(Protocol):
    """A way in which the folders and files of a data set are arranged.

    Attributes:
        name: The format's ``data.layout``.
        palette: The built-in palette of its labels; empty: none.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - see the class

    @property
    def palette(self) -> str: ...  # noqa: D102

    def matches(self, root: Path) -> bool:
        """Whether a folder holds frames and conditions where this format has them."""
        ...

    def list_sequences(self, root: Path, condition: str) -> tuple[list[SequenceFiles], tuple[str, ...]]:
        """List the sequences of a data set.

        Args:
            root: The folder of the data set.
            condition: The wanted kind of condition, or ``auto``.

        Returns:
            The sequences in natural order, those with missing files too; and the kinds that their conditions can be.

        Raises:
            DataError: There are no frames, or no conditions of this kind.
        """
        ...


_PICTURES = tuple(name for name, facts in KINDS.items() if facts.stored == "pictures")
_KEYPOINTS = tuple(name for name, facts in KINDS.items() if facts.stored == "keypoints")

FORMATS: dict[str, DataSetFormat] = {
    known.name: known
    for known in (
        FolderFormat(
            "paired",
            "{split}/{part}",
            "target",
            {"source": _PICTURES + _KEYPOINTS},
            {"instance": "instance", "foreground": "foreground", "densepose": "densepose"},
        ),
        FolderFormat("pix2pix", "{split}_{part}", "B", {"A": _PICTURES}, {"instance": "inst"}),
        FolderFormat("face", "{split}_{part}", "img", {"keypoints": ("face",)}),
        FolderFormat("pose", "{split}_{part}", "img", {"openpose": ("pose",)}, {"densepose": "densepose"}),
        FolderFormat(
            "tasks",
            "{split}/{part}",
            "images",
            {"seg_maps": ("labels", "image"), "landmarks-dlib68": ("face",), "poses-openpose": ("pose",)},
            {"instance": "instance_maps", "densepose": "pose_maps-densepose", "people": "human_instance_maps"},
        ),
        CityscapesFormat(),
    )
}
"""The data-set formats by name; the names are also those of `vid2vid.config.data.DATA_SET_FORMATS`."""


def detect_format(root: Path) -> str:
    """Return the name of the format of a data set, recognised by its folders.

    Args:
        root: The folder of the data set.

    Raises:
        DataError: There is no such folder, or it has no known format, or several.
    """
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder; check data.path.")
    names = [name for name, known in FORMATS.items() if known.matches(root)]
    if len(names) > 1:
        raise DataError(f"{root}: can be read as {' or '.join(names)}; choose with data.layout.")
    if names:
        return names[0]
    content = sorted(path.name + "/" * path.is_dir() for path in root.iterdir() if not path.name.startswith("."))
    some = ", ".join(content[:10]) + ", …" * (len(content) > 10)
    raise DataError(
        f"{root}: has none of the known data-set formats. It holds: {some or 'nothing'}. Known are: "
        f"{'; '.join(map(str, FORMATS.values()))}."
    )
