"""The condition s of a video: its kind, its settings, and how many channels the networks see."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from vid2vid.errors import ConfigError, choose

FACE_PARTS = 8
"""Curves of a face: jaw, two brows, nose bridge, nose tip, two eyes, mouth."""
LIMBS = 27
"""Parts of a skeleton that can have a channel each: 24 limbs of the body, two hands, the face."""
SCALINGS = ("linear", "inverse", "motion", "marks")


@dataclass
class Plane:
    """A plane of a G-buffer: numbers for each pixel, beside the condition's pictures.

    Attributes:
        name: Its name, which is also that of the folder of its files.
        channels: Numbers of a pixel.
        unit: Unit of the numbers, for messages; empty: none.
        low: The least number that the files may have.
        high: The greatest number that they may have.
        scaling: How the networks see a number v in about [-1, 1]: ``linear``, ``low`` as -1 and ``high`` as 1; or
            ``inverse``, bounded inverse depth, ``2 half / (half + v) - 1``: near as 1, far as -1; or ``motion``,
            ``v / half``, for vectors (x, y) in pixels to where a point was in the frame before; they are scaled with
            the picture; or ``marks``, v itself, the share of a pixel that is marked.
        half: For ``inverse`` the number that is seen as 0, for ``motion`` the one that is seen as 1.
        step: What 1 stands for in files of integers; 0: all their integers are spread from ``low`` to ``high``.
        mirrored: The channels whose sign changes in a mirrored picture.
        folder: The folder of its files in a data set; empty: ``name``.
        channel: The channels of the files that hold it: one name or as many as ``channels``, such as ``R`` of a picture
            or ``View.Depth.Z`` of an EXR; empty: those that fit (`vid2vid.data.plane_files`).
        factor: What turns the files' numbers into ``unit`` when they are multiplied with it, for each channel or for
            all; empty: 1.
        missing: What stands in for NaN and infinity; None: they are refused.
        optional: The share of training clips that F is shown without it. Above 0, a video may lack it later; the
            networks then see zeros.
    """

    name: str
    channels: int = 1
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    scaling: str = "linear"
    half: float = 10.0
    step: float = 0.0
    mirrored: list[int] = field(default_factory=list)
    folder: str = ""
    channel: list[str] = field(default_factory=list)
    factor: list[float] = field(default_factory=list)
    missing: float | None = None
    optional: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: The name is no name of a folder, or numbers do not fit together.
        """
        key = f"data.planes: {self.name!r}"
        if not self.name.isidentifier():
            raise ConfigError(
                f"{key} must be a name of letters, digits and underscores: its files lie in a folder of this name."
            )
        choose(self.scaling, SCALINGS, f"{key}, scaling")
        self._check_scaling(key)
        if not set(self.mirrored) <= set(range(self.channels)):
            raise ConfigError(f"{key}: mirrored={self.mirrored} must list channels in 0..{self.channels - 1}.")
        if self.channel and len(self.channel) != self.channels:
            raise ConfigError(
                f"{key}: channel={self.channel} must name {self.channels} channels, one for each of channels."
            )
        numbers = all(isinstance(factor, int | float) and factor for factor in self.factor)
        if len(self.factor) not in (0, 1, self.channels) or not numbers:
            raise ConfigError(
                f"{key}: factor={self.factor} must be one number for all channels or one for each of the "
                f"{self.channels}, and none may be 0."
            )
        if self.missing is not None and not self.low <= self.missing <= self.high:
            raise ConfigError(f"{key}: missing={self.missing:g} must lie in {self.range}.")
        if not 0 <= self.optional < 1:
            raise ConfigError(f"{key}: optional={self.optional:g} must be at least 0 and below 1.")

    def _check_scaling(self, key: str) -> None:
        if self.channels < 1:
            raise ConfigError(f"{key}: channels={self.channels} must be at least 1.")
        if not self.low < self.high or (self.scaling == "inverse" and (self.low < 0 or self.half <= 0)):
            raise ConfigError(
                f"{key}: low={self.low:g} must be below high={self.high:g}; scaling=inverse also needs low of at least "
                f"0 and half={self.half:g} above 0."
            )
        if self.is_motion and (self.channels != 2 or self.half <= 0):
            raise ConfigError(
                f"{key}: scaling=motion needs channels=2 and half above 0, but has channels={self.channels} and "
                f"half={self.half:g}."
            )
        if self.is_marks and (self.channels, self.low, self.high, self.optional) != (1, 0, 1, 0):
            raise ConfigError(
                f"{key}: scaling=marks needs channels=1, low=0, high=1 and optional=0: where a video brings no "
                "marks, nothing is marked."
            )

    def __str__(self) -> str:
        """Return its name with its channels and range."""
        return f"{self.name} ({self.channels} x {self.range})" if self.channels > 1 else f"{self.name} ({self.range})"

    @property
    def is_motion(self) -> bool:
        """Whether it tells where each point was in the frame before."""
        return self.scaling == "motion"

    @property
    def is_marks(self) -> bool:
        """Whether it marks pixels whose labels are drawn by hand; what changes labels, marks them."""
        return self.scaling == "marks"

    @property
    def can_be_missing(self) -> bool:
        """Whether a video may lack it."""
        return self.is_marks or self.optional > 0

    @property
    def range(self) -> str:
        """The range of its numbers in words."""
        return f"{self.low:g}..{self.high:g}{self.unit and ' '}{self.unit}"

    @property
    def encoding(self) -> tuple[object, ...]:
        """All that decides what its channels mean to the networks; how files hold its numbers does not."""
        return (self.name, self.channels, *((self.low, self.high) if self.scaling == "linear" else (self.half,)))


PLANES = {
    plane.name: plane
    for plane in (
        # 0 stands for an unknown depth in many files
        Plane("depth", unit="m", low=0.01, high=1000.0, scaling="inverse", step=0.001),
        # nearness without a unit: 0 far, 1 near
        Plane("disparity"),
        Plane("normals", 3, low=-1.0, mirrored=[0]),
        Plane("roughness"),
        Plane("albedo", 3),
        Plane("motion", 2, unit="px", low=-4096.0, high=4096.0, scaling="motion", half=16.0, mirrored=[0]),
        # 1 where labels are drawn by hand or edited, 0 where they are exact
        Plane("rough", scaling="marks"),
    )
}
"""The planes whose facts are known, by name."""


def planes_of(given: Iterable[Any]) -> list[Plane]:
    """Return the planes that settings describe.

    Args:
        given: For each a name out of `PLANES`; or a mapping with its ``name`` and other fields of `Plane`, by which a
            known plane is changed or another one described.

    Raises:
        ConfigError: One is unknown, wrong, or there twice.
    """
    planes = []
    for one in given:
        if isinstance(one, Plane):
            planes.append(one)
            continue
        facts: dict[str, Any] = (
            dict(one) if isinstance(one, Mapping) else {"name": choose(str(one), PLANES, "data.planes")}
        )
        for name in facts:
            choose(str(name), [f.name for f in fields(Plane)], "data.planes, the field")
        # one of them need not be a list
        facts |= {
            name: [facts[name]] for name in ("channel", "factor") if isinstance(facts.get(name), str | float | int)
        }
        own = facts.get("name")
        if not isinstance(own, str):
            raise ConfigError(f"data.planes: {facts} needs a name that is a text, as in data.planes=[{{name:depth}}].")
        try:
            planes.append(replace(PLANES[own], **facts) if own in PLANES else Plane(**facts))
        except TypeError as error:
            raise ConfigError(f"data.planes: {facts} has a value of the wrong type: {error}.") from error
    names = [plane.name for plane in planes]
    if len(set(names)) != len(names):
        raise ConfigError(f"data.planes must have each name once, but has {', '.join(names)}.")
    return planes


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
        planes: Planes of a G-buffer, such as depth, which are appended to conditions of any kind.
        tracks: For labels: the ids of those whose objects are told apart and followed through the label maps
            (`vid2vid.data.label_tracks`); empty: maps of object ids have the same id for an object in all frames.
        class_in_red: For labels: the files hold the id in the red channel, and the number of the object in green and
            blue, as simulators write them.
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
    planes: list[Plane] = field(default_factory=list)
    class_in_red: bool = False
    tracks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: The kind is unknown, ids are missing or repeated, names or colours do not fit the ids, the
                thresholds are no pair, a setting of another kind is set, or a plane is there twice.
        """
        choose(self.kind, KINDS, "condition.kind")
        require_own_settings(self, self.kind, "condition")
        self.planes = planes_of(self.planes)
        if len(self.edge_thresholds) != 2 or self.edge_thresholds[0] > self.edge_thresholds[1]:
            raise ConfigError(f"condition.edge_thresholds must be [lower, upper], but is {list(self.edge_thresholds)}.")
        if self.has_labels:
            self._check_labels()

    def _check_labels(self) -> None:
        if not self.label_ids or len(set(self.label_ids)) != len(self.label_ids):
            raise ConfigError(f"condition.label_ids must list each id once, but is {list(self.label_ids)}.")
        if not all(0 <= i <= 255 for i in self.label_ids):
            raise ConfigError(
                f"condition.label_ids must lie in 0..255, since label maps are stored in 8 bits, but is "
                f"{list(self.label_ids)}."
            )
        for name in ("label_names", "palette"):
            given = getattr(self, name)
            if given and len(given) != len(self.label_ids):
                raise ConfigError(
                    f"condition.{name} has {len(given)} entries for {len(self.label_ids)} label_ids; give one for each."
                )
        colours = {tuple(colour) for colour in self.palette}
        if self.colour_coded and len(colours) != len(self.label_ids):
            raise ConfigError(
                f"condition.colour_coded needs a condition.palette with a different colour for each of the "
                f"{len(self.label_ids)} label_ids, but it has {len(colours)} different ones."
            )
        if not set(self.tracks) <= set(self.label_ids):
            raise ConfigError(f"condition.tracks={self.tracks} must be among the label_ids {list(self.label_ids)}.")
        if any(len(pair) != 2 or not set(pair) <= set(self.label_ids) for pair in self.mirrored):
            raise ConfigError(
                f"condition.mirrored={self.mirrored} must be pairs of the label_ids {list(self.label_ids)}."
            )

    @property
    def has_labels(self) -> bool:
        """Whether its pixels are class indices."""
        return KINDS[self.kind].has_labels

    @property
    def holds_ids(self) -> bool:
        """Whether its files are read as maps of label ids, not as colours."""
        return self.has_labels and not self.colour_coded and not self.class_in_red

    @property
    def from_keypoints(self) -> bool:
        """Whether it is drawn from keypoints."""
        return KINDS[self.kind].stored == "keypoints"

    @property
    def from_frames(self) -> bool:
        """Whether it is computed from the real frames and needs no files of its own."""
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
            raise ConfigError(f"{key}={labels}: a condition of the kind {self.kind!r} has no labels; leave it out.")
        known = {str(label): i for i, label in enumerate(self.label_ids)}
        known.update({name: i for i, name in enumerate(self.label_names)})
        return [known[choose(str(label), known, key)] for label in labels]

    def encodes_like(self, other: "Condition") -> bool:
        """Whether each channel of the encoded condition means the same as with another one."""
        names = ("label_ids", "instance_edges", "object_motion") if self.has_labels else KINDS[self.kind].settings
        same = all(getattr(self, name) == getattr(other, name) for name in ("kind", *names))
        return same and [plane.encoding for plane in self.planes] == [plane.encoding for plane in other.planes]

    def takes(self, other: "Condition") -> bool:
        """Whether a model of this condition can be given videos of another one.

        A model without planes ignores those of the video; one whose planes may all be missing needs none.
        """
        without = not self.planes or not (other.planes or self.needs_planes)
        return self.encodes_like(other) or (
            without and replace(self, planes=[]).encodes_like(replace(other, planes=[]))
        )

    def extends(self, other: "Condition") -> bool:
        """Whether it equals another condition, but for planes at its end that a video may lack."""
        more = self.more_planes(other)
        return more is not None and all(plane.can_be_missing for plane in more)

    def more_planes(self, other: "Condition") -> list[Plane] | None:
        """Return the planes that it has in addition to another condition's; None if it differs in anything else."""
        count = len(other.planes)
        return self.planes[count:] if replace(self, planes=self.planes[:count]).encodes_like(other) else None

    @property
    def has_motion(self) -> bool:
        """Whether one of its planes has motion vectors."""
        return any(plane.is_motion for plane in self.planes)

    @property
    def needs_planes(self) -> bool:
        """Whether a video must have planes."""
        return not all(plane.can_be_missing for plane in self.planes)

    @property
    def needs_instances(self) -> bool:
        """Whether maps of object ids are a part of it."""
        return self.instance_edges or self.object_motion

    @property
    def object_shift(self) -> int:
        """Bits of an object id in the files below the number of the object: ids hold the red channel, too."""
        return 8 if self.class_in_red else 0

    @property
    def lookback(self) -> int:
        """How many earlier frames its encoding of a frame looks at: the motion of objects takes two frames."""
        return int(self.object_motion)

    def without_instances(self) -> "Condition":
        """Return the same condition without what is made from maps of object ids."""
        return replace(self, instance_edges=False, object_motion=False, tracks=[])

    @property
    def tracked_classes(self) -> list[int] | None:
        """The class indices whose objects are followed through the label maps; None: none are."""
        return [self.label_ids.index(label) for label in self.tracks] or None

    @property
    def channels(self) -> int:
        """Channels C of the encoded condition of one frame; those of the planes are the last ones."""
        return KINDS[self.kind].channels(self) + self.plane_channels

    @property
    def plane_channels(self) -> int:
        """Channels P of all planes together."""
        return sum(plane.channels for plane in self.planes)

    @property
    def classes(self) -> int:
        """Number of classes that can differ in style: one for each label, or 1 without labels."""
        return len(self.label_ids) if self.has_labels else 1

    @property
    def class_names(self) -> list[str]:
        """The name of each class: that of its label or its id; ``all`` for the one class of other conditions."""
        return self.label_names or [str(label) for label in self.label_ids] or ["all"]

    @property
    def source_channels(self) -> int:
        """Channels S of a condition as a clip carries it (`vid2vid.types.Clip`): labels travel as class indices."""
        return 1 if self.has_labels else KINDS[self.kind].channels(self)


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
                raise ConfigError(
                    f"{prefix}.{name} is for conditions of the kind {owner!r}, but this is {kind!r}; leave it out."
                )
