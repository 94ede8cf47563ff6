"""Settings of a data set in one of the known formats."""

from dataclasses import dataclass, field

from vid2vid.condition import KINDS
from vid2vid.config.data import ON_BROKEN
from vid2vid.errors import ConfigError, choose

DATA_SET_FORMATS = ("paired", "cityscapes", "pix2pix", "face", "pose", "tasks")
_AUTO = "auto"


@dataclass
class FolderConfig:
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

    path: str
    layout: str = _AUTO
    condition: str = _AUTO
    label_ids: list[int] = field(default_factory=list)
    label_names: list[str] = field(default_factory=list)
    palette: str = ""
    mirrored: list[list[int]] = field(default_factory=list)
    edge_thresholds: list[int] = field(default_factory=lambda: [60, 150])
    distance_maps: bool = False
    limb_maps: bool = False
    densepose: bool = True
    holdout: float = 0.15
    fps: float = 0.0
    on_broken: str = "error"
    cache: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: No path, an unknown format, condition or ``on_broken``, names without ids, a held-out part
                outside 0..1 or a negative frame rate.
        """
        if not self.path:
            raise ConfigError("data.path is empty: give the folder of a data set.")
        choose(self.layout, (_AUTO, *DATA_SET_FORMATS), "data.layout")
        choose(self.condition, (_AUTO, *KINDS), "data.condition")
        choose(self.on_broken, ON_BROKEN, "data.on_broken")
        if self.label_names and len(self.label_names) != len(self.label_ids):
            raise ConfigError(
                f"data.label_names has {len(self.label_names)} entries for {len(self.label_ids)} data.label_ids."
            )
        if not 0 < self.holdout < 1:
            raise ConfigError(f"data.holdout must lie between 0 and 1, but is {self.holdout}.")
        if self.fps < 0:
            raise ConfigError(f"data.fps must not be below 0, but is {self.fps}.")
