"""The condition s of a video: its kind, its settings, and how many channels the networks see."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from vid2vid.errors import ConfigError, choose

FACE_PARTS = 8
"""Curves of a face: jaw, two brows, nose bridge, nose tip, two eyes, mouth."""
LIMBS = 27
"""Parts of a skeleton that can have a channel each: 24 limbs of the body, two hands, the face."""


@dataclass(frozen=True)
class KindFacts:
    """Facts about a kind of condition that are known without numpy, torch or any file.

    How its files are read, encoded, shown and extracted is up to its class in `vid2vid.data.conditions`.

    Attributes:
        channels: Returns the channels C that the networks see.
        stored: What its files hold: ``pictures`` or ``keypoints``; empty: it is computed from the real frames.
        settings: Fields of `Condition` that only this kind may set; each changes the channels.
        extraction: The ``data.condition`` with which `vid2vid prepare` makes it from videos; empty: it cannot.
        has_labels: Whether its pixels are class indices, which can be edited, predicted and styled class by class.
    """

    channels: "Callable[[Condition], int]"
    stored: str = "pictures"
    settings: tuple[str, ...] = ()
    extraction: str = ""
    has_labels: bool = False


KINDS = {
    "labels": KindFacts(lambda c: len(c.label_ids) + c.instance_edges + 3 * c.object_motion, has_labels=True),
    "edges": KindFacts(lambda c: 1, stored="", extraction="edges"),
    "grey": KindFacts(lambda c: 1, extraction="hed"),
    "image": KindFacts(lambda c: 3),
    "face": KindFacts(
        lambda c: 1 + FACE_PARTS * c.distance_maps + c.background_edges,
        stored="keypoints",
        settings=("distance_maps", "background_edges"),
        extraction="face",
    ),
    "pose": KindFacts(
        lambda c: (LIMBS if c.limb_maps else 3) + 3 * c.densepose,
        stored="keypoints",
        settings=("limb_maps", "densepose"),
        extraction="pose",
    ),
}
"""The kinds of conditions by name. A new kind needs an entry here and one in `vid2vid.data.conditions.KIND_CLASSES`."""


@dataclass
class Condition:
    """A condition: its kind and its settings, as plain values that checkpoints and manifests keep.

    Attributes:
        kind: ``labels`` (a map of class ids), ``edges`` (Canny edges of the video itself), ``grey`` (one channel),
            ``image`` (RGB channels), ``face`` (a sketch through 68 landmarks) or ``pose`` (a skeleton).
        label_ids: For labels: the ids that the files may have; channel i of the one-hot code is ``label_ids[i]``.
        label_names: For labels: a name for each id.
        palette: For labels: an RGB colour 0..255 for each id, for previews.
        colour_coded: For labels: the files hold the palette's colours, not the ids.
        mirrored: For labels: pairs of ids, left and right, that change places in a mirrored picture.
        instance_edges: For labels: append a channel with the borders between object instances.
        object_motion: For labels: append three channels with the motion of each object, as far as its outlines in two
            frames tell it (`vid2vid.ops.object_motion`).
        edge_thresholds: For edges: Canny's lower and upper threshold on 0..255 gradients.
        distance_maps: For faces: append the distance to each part of the face.
        background_edges: For faces: append a channel with edges of what surrounds the face.
        limb_maps: For poses: a channel for each limb instead of a skeleton in colours.
        densepose: For poses: append the three channels of a DensePose map, part, u and v.
    """

    kind: str = "labels"
    label_ids: list[int] = field(default_factory=list)
    label_names: list[str] = field(default_factory=list)
    palette: list[list[int]] = field(default_factory=list)
    colour_coded: bool = False
    mirrored: list[list[int]] = field(default_factory=list)
    instance_edges: bool = False
    object_motion: bool = False
    edge_thresholds: list[int] = field(default_factory=lambda: [60, 150])
    distance_maps: bool = False
    background_edges: bool = False
    limb_maps: bool = False
    densepose: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: The kind is unknown, ids are missing or repeated, names or colours do not fit the ids, the
                thresholds are no pair, or a setting of another kind is set.
        """
        choose(self.kind, KINDS, "condition.kind")
        require_own_settings(self, self.kind, "condition")
        if len(self.edge_thresholds) != 2 or self.edge_thresholds[0] > self.edge_thresholds[1]:
            raise ConfigError(f"condition.edge_thresholds must be [lower, upper], but is {list(self.edge_thresholds)}.")
        if self.has_labels:
            self._check_labels()

    def _check_labels(self) -> None:
        if not self.label_ids or len(set(self.label_ids)) != len(self.label_ids):
            raise ConfigError(f"condition.label_ids must list each id once, but is {list(self.label_ids)}.")
        if not all(0 <= i <= 255 for i in self.label_ids):
            raise ConfigError("condition.label_ids must lie in 0..255: label maps are stored in 8 bits.")
        for name in ("label_names", "palette"):
            given = getattr(self, name)
            if given and len(given) != len(self.label_ids):
                raise ConfigError(f"condition.{name} has {len(given)} entries for {len(self.label_ids)} label_ids.")
        colours = {tuple(colour) for colour in self.palette}
        if self.colour_coded and len(colours) != len(self.label_ids):
            raise ConfigError("condition.colour_coded needs a palette with another colour for each of the label_ids.")
        if any(len(pair) != 2 or not set(pair) <= set(self.label_ids) for pair in self.mirrored):
            raise ConfigError(f"condition.mirrored={self.mirrored} must be pairs out of the label_ids.")

    @property
    def has_labels(self) -> bool:
        """Whether its pixels are class indices."""
        return KINDS[self.kind].has_labels

    @property
    def holds_ids(self) -> bool:
        """Whether its files are maps of label ids, which are read as such and not as colours."""
        return self.has_labels and not self.colour_coded

    @property
    def from_keypoints(self) -> bool:
        """Whether it is drawn from keypoints."""
        return KINDS[self.kind].stored == "keypoints"

    @property
    def from_frames(self) -> bool:
        """Whether it is computed from the real frames, so that it needs no files of its own."""
        return not KINDS[self.kind].stored

    @property
    def appended(self) -> str:
        """The pictures that are appended to drawn keypoints: ``background`` or ``densepose``; empty: none.

        Both are paths of `vid2vid.data.manifest.VideoSequence`.
        """
        return "background" if self.background_edges else "densepose" if self.densepose else ""

    def label_channels(self, labels: list[str], key: str) -> list[int]:
        """Return the channels of the one-hot code that belong to some labels, given by name or by id.

        Args:
            labels: Names out of ``label_names`` or ids out of ``label_ids``.
            key: The setting that they come from, for messages.

        Raises:
            ConfigError: A label is none of the condition's, or the condition has none.
        """
        if labels and not self.has_labels:
            raise ConfigError(f"{key}={labels}: a condition of the kind {self.kind!r} has no labels.")
        known = {str(label): i for i, label in enumerate(self.label_ids)}
        known.update({name: i for i, name in enumerate(self.label_names)})
        return [known[choose(str(label), known, key)] for label in labels]

    def encodes_like(self, other: "Condition") -> bool:
        """Whether each channel of the encoded condition means the same as with another one."""
        names = ("label_ids", "instance_edges", "object_motion") if self.has_labels else KINDS[self.kind].settings
        return self.kind == other.kind and all(getattr(self, name) == getattr(other, name) for name in names)

    @property
    def needs_instances(self) -> bool:
        """Whether maps of object ids are a part of it."""
        return self.instance_edges or self.object_motion

    @property
    def lookback(self) -> int:
        """Number of frames before a frame that its encoding looks at: the motion of objects is seen in two frames."""
        return int(self.object_motion)

    def without_instances(self) -> "Condition":
        """Return the same condition without what is made from maps of object ids."""
        return replace(self, instance_edges=False, object_motion=False)

    @property
    def motion_channel(self) -> int | None:
        """The first of the channels with the motion of objects; None: there are none."""
        return len(self.label_ids) + self.instance_edges if self.object_motion else None

    @property
    def channels(self) -> int:
        """Channels C of the encoded condition of one frame."""
        return KINDS[self.kind].channels(self)

    @property
    def classes(self) -> int:
        """Number of classes that can differ in style: one for each label, or 1 without labels."""
        return len(self.label_ids) if self.has_labels else 1

    @property
    def planes(self) -> int:
        """Channels S of a condition as a clip carries it (`vid2vid.types.Clip`): labels travel as class indices."""
        return 1 if self.has_labels else self.channels


def require_own_settings(settings: object, kind: str, prefix: str) -> None:
    """Refuse settings that belong to another kind of condition.

    Args:
        settings: An object that may have any of the kinds' settings as attributes.
        kind: The kind that is used.
        prefix: Where the settings stand, for messages.

    Raises:
        ConfigError: A setting of another kind is set.
    """
    for owner, facts in KINDS.items():
        for name in facts.settings:
            if owner != kind and getattr(settings, name, False):
                raise ConfigError(f"{prefix}.{name} is for conditions of the kind {owner!r}, but this is {kind!r}.")
