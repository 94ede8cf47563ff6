"""Settings of a data set in one of the known formats."""

from dataclasses import dataclass, field
from typing import ClassVar

from vid2vid.condition import KINDS
from vid2vid.config.data import ON_BROKEN
from vid2vid.config.settings import Settings, setting
from vid2vid.errors import ConfigError

DATA_SET_FORMATS = ("paired", "cityscapes", "pix2pix", "face", "pose", "tasks")
_AUTO = "auto"


@dataclass
class FolderConfig(Settings):
    """A data set in one of the known formats, read without conversion.

    Attributes:
        path: The folder of the data set.
        layout: The data-set format: ``paired``, ``cityscapes``, ``pix2pix``, ``face``, ``pose`` or ``tasks``;
            ``auto``: detected from the names of its folders.
        condition: The kind of condition: ``labels``, ``image``, ``grey``, ``face`` or ``pose``, or ``edges``, which
            are computed from the frames themselves; ``auto``: detected from the files.
        label_ids: For labels: the ids that the maps may have; empty: those of the palette, or else those in the maps,
            all of which are then read once.
        label_names: For labels: a name for each of ``label_ids``; empty: as in the palette.
        palette: For labels: a file with ids, names and colours (`vid2vid.data.formats.read_palette`),
            ``cityscapes`` or ``ade20k``; maps in its colours are read as well as maps of ids.
        mirrored: For labels: pairs of ids, left and right, that change places in a mirrored picture.
        edge_thresholds: For edges: Canny's lower and upper threshold.
        distance_maps: For faces: append for each part of the face the distance to it.
        limb_maps: For poses: one channel a limb, in place of a skeleton in colours.
        densepose: For poses: append DensePose maps where the data set has them.
        holdout: Part of the sequences that is not trained on, the last ones, unless the data set is divided already.
        fps: Frames a second of the videos that are written; 0: as the first video says, 25 for folders of images.
        on_broken: What a sequence that cannot be used does: ``error``, or ``skip``: it is left out with a warning.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    key: ClassVar[str] = "data"

    path: str
    layout: str = setting(_AUTO, (_AUTO, *DATA_SET_FORMATS))
    condition: str = setting(_AUTO, (_AUTO, *KINDS))
    label_ids: list[int] = field(default_factory=list)
    label_names: list[str] = field(default_factory=list)
    palette: str = ""
    mirrored: list[list[int]] = field(default_factory=list)
    edge_thresholds: list[int] = field(default_factory=lambda: [60, 150])
    distance_maps: bool = False
    limb_maps: bool = False
    densepose: bool = True
    holdout: float = setting(0.15, gt=0, lt=1)
    fps: float = setting(0.0, ge=0)
    on_broken: str = setting("error", ON_BROKEN)
    cache: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: No path, a value that is not allowed, or names without ids.
        """
        super().__post_init__()
        if not self.path:
            raise ConfigError("data.path is empty: give the folder of a data set.")
        if self.label_names and len(self.label_names) != len(self.label_ids):
            raise ConfigError(
                f"data.label_names has {len(self.label_names)} entries for {len(self.label_ids)} data.label_ids."
            )
