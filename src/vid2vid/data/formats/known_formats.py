"""The known data-set formats, and detection of the format of a data set."""

from dataclasses import replace
from pathlib import Path

from vid2vid.condition import KINDS, PLANES
from vid2vid.data.formats.cityscapes_format import CityscapesFormat
from vid2vid.data.formats.folder_format import FolderFormat
from vid2vid.errors import DataError, listed
from vid2vid.video.images import list_folder

DataSetFormat = FolderFormat | CityscapesFormat
"""A layout of the folders and files of a data set."""

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
        # named after CARLA's cameras; depth is in 24 bits over 1000 m
        FolderFormat(
            "carla",
            "{split}/{part}",
            "rgb",
            {"instance_segmentation": ("labels",), "semantic_segmentation": ("labels",)},
            {"instance": "instance_segmentation"},
            class_in_red=True,
            planes={"depth": replace(PLANES["depth"], low=0.0, step=0.0)},
        ),
    )
}
"""The data-set formats by name; the names are also those of `vid2vid.config.data.DATA_SET_FORMATS`."""


def detect_format(root: Path) -> str:
    """Return the name of the format of a data set, recognised by its folders.

    Args:
        root: The folder of the data set.

    Raises:
        DataError: The folder is missing, has no known format, or fits several.
    """
    if not root.is_dir():
        raise DataError(f"{root}: there is no such folder; check data.path.")
    names = [name for name, known in FORMATS.items() if known.matches(root)]
    if len(names) > 1:
        raise DataError(f"{root}: can be read as {' or '.join(names)}; choose with data.layout.")
    if names:
        return names[0]
    content = [path.name + "/" * path.is_dir() for path in list_folder(root)]
    raise DataError(
        f"{root}: has none of the known data-set formats. It holds: {listed(content, 10) or 'nothing'}. Known are: "
        f"{'; '.join(map(str, FORMATS.values()))}."
    )
