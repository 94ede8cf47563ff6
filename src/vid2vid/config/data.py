"""Settings of the data: where clips come from, how they are cut, changed and loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from omegaconf import MISSING

from vid2vid.condition import KINDS, Plane, planes_of, require_own_settings
from vid2vid.config.settings import LARGEST_SIDE, Settings, build, setting
from vid2vid.errors import ConfigError, choose

VIDEO_CONDITIONS = {facts.extraction: kind for kind, facts in KINDS.items() if facts.extraction}
"""The kind of condition for each ``data.condition`` that is made from videos."""
FACE_DETECTORS = {
    "dlib": "vid2vid.keypoints.detectors.dlib_face:DlibFace",
    "mediapipe": "vid2vid.keypoints.detectors.mediapipe_models:MeshFace",
}
"""Detectors of faces, by the name of the package that each needs; ``auto`` takes the first that is installed."""
PERSON_DETECTORS = {
    "holistic": "vid2vid.keypoints.detectors.mediapipe_models:Holistic",
    "pose": "vid2vid.keypoints.detectors.mediapipe_models:PoseOnly",
}
"""Detectors of people: with hands and face, or the body alone at more than twice the speed."""
DATA_SET_FORMATS = ("paired", "cityscapes", "pix2pix", "face", "pose", "tasks", "carla")
CUTS = ("auto", "find", "ignore")
FITS = ("stretch", "crop", "pad")
LARGEST_STREET = 4096
"""Pixels of a side of rendered frames; a larger frame takes several GB while it is rendered."""
DEPTH_PLANES = {"metric": "depth", "relative": "disparity"}
"""The plane that estimated depth is, by ``depth.output``."""
ON_BROKEN = ("error", "skip")
"""What may be done about a video that cannot be read."""

_SEEDS = 100_000  # seeds of one data set; the upper half is for validation


@dataclass
class VideoConfig(Settings):
    """Your own videos, and the condition that is made from them.

    Attributes:
        path: A video file, a folder of images, or a folder with several of either.
        condition: ``edges`` (Canny, computed as frames are read), ``hed`` (learned edges), ``face`` (a sketch from 68
            landmarks) or ``pose`` (a skeleton).
        detector: Detector of the landmarks of faces; ``auto``: the first that is installed.
        root: Folder for the extracted conditions and their manifest; empty: in the cache.
        edge_thresholds: Lower and upper threshold of Canny edges.
        distance_maps: For faces: add a map of the distance to each part of the face.
        background_edges: For faces: add Canny edges of the background.
        limb_maps: For poses: one channel per limb instead of a skeleton in colours.
        silhouette: For poses: store the silhouette of the person as the soft mask of the foreground.
        longest_gap: Keypoints that are missing in up to this many frames are interpolated; longer gaps are left out.
        smooth: Standard deviation, in frames, of the smoothing of keypoints over time; 0: no smoothing.
        cuts: Detection of cuts, which no clip may cross: ``find`` (extra ``cuts``), ``ignore``, or ``auto``: if the
            extra is installed.
        shortest: Number of frames that a shot between two cuts must have; shorter ones are left out.
        leave_out: Frames that are neither trained on nor held out, such as those in which a hand hides the face: the
            first and the last one of each part, counted from 0, ``[0-231]``; of several videos with the name,
            ``[walk:0-231]``.
        on_broken: A video that cannot be read is an ``error``, or is left out with a warning (``skip``).
        holdout: Fraction that is held out for validation: the last videos of several, the end of a single one.
        workers: Number of processes that prepare several videos side by side.
        shard: ``i/n``: prepare only the i-th of n parts of the videos, from 1 on; for several machines.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    key: ClassVar[str] = "data"

    path: str
    condition: str = setting("edges", VIDEO_CONDITIONS)
    detector: str = setting("auto", ("auto", *FACE_DETECTORS))
    root: str = ""
    edge_thresholds: list[int] = setting([60, 150], ge=0)
    distance_maps: bool = False
    background_edges: bool = False
    limb_maps: bool = False
    silhouette: bool = True
    longest_gap: int = setting(8, ge=0)
    smooth: float = setting(1.0, ge=0)
    cuts: str = setting("auto", CUTS)
    shortest: int = setting(8, ge=1)
    leave_out: list[str] = field(default_factory=list)
    on_broken: str = setting("error", ON_BROKEN)
    holdout: float = setting(0.15, gt=0, lt=1)
    workers: int = setting(1, ge=1)
    shard: str = ""
    cache: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, there is no path, a setting of another condition, a shard that is not
                i/n, or a part to leave out that is not FIRST-LAST.
        """
        super().__post_init__()
        if not self.path:
            raise ConfigError("data.path is empty: give the path of a video file or of a folder of images or videos.")
        for (_, frames), given in zip(self.left_out, self.leave_out, strict=True):
            if not frames:
                raise ConfigError(
                    f"data.leave_out must have parts FIRST-LAST or VIDEO:FIRST-LAST of frames that are counted from 0, "
                    f"but has {given!r}."
                )
        require_own_settings(self, VIDEO_CONDITIONS[self.condition], "data")
        part, of = self.part
        if not 1 <= part <= of:
            raise ConfigError(f"data.shard must be i/n with i in 1..n, but is {self.shard!r}.")

    @property
    def part(self) -> tuple[int, int]:
        """Which part of the videos is prepared, counted from 1, and of how many; (0, 0) if ``shard`` is no i/n."""
        given = re.fullmatch(r"(\d+)/(\d+)", self.shard or "1/1")
        return (int(given[1]), int(given[2])) if given else (0, 0)

    @property
    def left_out(self) -> list[tuple[str, range]]:
        """The parts of ``leave_out``: name of the video, or empty, and the frames; none if it is no FIRST-LAST."""
        parts = [re.fullmatch(r"(?:(.+):)?(\d+)-(\d+)", part) for part in self.leave_out]
        return [(part[1] or "", range(int(part[2]), int(part[3]) + 1)) if part else ("", range(0)) for part in parts]


@dataclass
class FolderConfig(Settings):
    """A data set in one of the known formats, read without conversion.

    Attributes:
        path: Folder of the data set.
        layout: Format of the data set; ``auto``: detected from the names of its folders.
        condition: Kind of the condition; ``edges`` are computed from the frames; ``auto``: detected from the files.
        label_ids: For labels: the ids that the maps may have; empty: those of the palette, or else those in the maps,
            all of which are then read once.
        label_names: For labels: a name for each of ``label_ids``; empty: as in the palette.
        palette: For labels: ``cityscapes``, ``ade20k``, or a file with ids, names and colours
            (`vid2vid.data.formats.read_palette`); maps may have its colours or its ids.
        mirrored: For labels: pairs of ids, left and right, that swap in a mirrored image.
        edge_thresholds: For edges: lower and upper threshold of Canny edges.
        distance_maps: For faces: add a map of the distance to each part of the face.
        limb_maps: For poses: one channel per limb instead of a skeleton in colours.
        densepose: For poses: add DensePose maps if the data set has them.
        holdout: Fraction of the sequences, the last ones, that is held out for validation, unless the data set is
            divided already.
        fps: Frames per second of the videos that are written; 0: as the first video has, 25 for folders of images.
        on_broken: A sequence that cannot be used is an ``error``, or is left out with a warning (``skip``).
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    key: ClassVar[str] = "data"

    path: str
    layout: str = setting("auto", ("auto", *DATA_SET_FORMATS))
    # kinds can be registered later
    condition: str = setting("auto", lambda: ("auto", *KINDS))
    label_ids: list[int] = field(default_factory=list)
    label_names: list[str] = field(default_factory=list)
    palette: str = ""
    mirrored: list[list[int]] = field(default_factory=list)
    edge_thresholds: list[int] = setting([60, 150], ge=0)
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
            ConfigError: A value is not allowed, there is no path, or the names do not fit the ids.
        """
        super().__post_init__()
        if not self.path:
            raise ConfigError("data.path is empty: give the folder of a data set.")
        if self.label_names and len(self.label_names) != len(self.label_ids):
            raise ConfigError(
                f"data.label_names has {len(self.label_names)} entries for {len(self.label_ids)} data.label_ids; give "
                "one for each."
            )


@dataclass
class StreetConfig(Settings):
    """The streets to render.

    Attributes:
        root: Folder of the data set.
        height: Height of the rendered frames in pixels, even; clips are resized to ``data.height``.
        width: Width of the rendered frames in pixels, even.
        train_sequences: Number of streets for training.
        val_sequences: Number of other streets for validation.
        frames: Number of frames of each sequence.
        seed: Seed of the streets; different seeds share no street. ``data.seed`` is that of the order of the clips.
        fps: Frames per second.
        flow_strides: Temporal strides whose exact flow is written, as far as they are below ``frames``; flow of other
            strides is estimated in training.
        crossings: Whether the streets have crossings at which cars turn; then the headings of cars are written, too.
        render_workers: Number of processes that render; 0: one per CPU, 1: this process.
    """

    key: ClassVar[str] = "data.street"

    root: str = "data/street"
    height: int = setting(128, ge=16, le=LARGEST_STREET)
    width: int = setting(256, ge=16, le=LARGEST_STREET)
    train_sequences: int = setting(80, ge=0, le=_SEEDS // 2)
    val_sequences: int = setting(8, ge=0, le=_SEEDS // 2)
    frames: int = setting(30, ge=1)
    seed: int = setting(0, ge=0)
    fps: float = setting(10.0, gt=0)
    flow_strides: list[int] = setting([1, 3, 9], distinct=True, ge=1)
    crossings: bool = False
    render_workers: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, a size is odd, or there is nothing to render.
        """
        super().__post_init__()
        if self.height % 2 or self.width % 2:
            raise ConfigError(
                f"data.street.height={self.height}, data.street.width={self.width}: H.264 needs even sizes."
            )
        if self.train_sequences + self.val_sequences == 0:
            raise ConfigError(
                "data.street.train_sequences and data.street.val_sequences are both 0: nothing to render."
            )


@dataclass
class AugmentConfig(Settings):
    """Random changes of training clips, the same for all frames of a clip.

    Attributes:
        flip: Probability that a clip is mirrored; for labels of left and right see ``mirrored``.
        zoom: Greatest factor by which a random part of a clip is enlarged; 1: no zoom.
        colour: Strength of colour changes of the real frames; the conditions keep their colours.
        drop_limbs: For poses: probability that a limb of the skeleton is left out.
        drop_objects: For labels: probability that an object, or a label of small objects, is removed from the label
            maps and the hole filled from its surroundings.
        move_borders: For labels: greatest number of pixels by which a label grows or shrinks.
        coarse_labels: For labels: greatest side, in pixels, of squares that are filled with their most frequent label.
        sketch_objects: For labels with object ids: probability that an object is drawn as a box or an ellipse.
        changed_labels: For labels: probability that those of a clip change; the other clips keep exact labels.
    """

    key: ClassVar[str] = "data.augment"

    flip: float = setting(0.0, ge=0, le=1)
    zoom: float = setting(1.0, ge=1)
    colour: float = setting(0.0, ge=0, le=1)
    drop_limbs: float = setting(0.0, ge=0, le=1)
    drop_objects: float = setting(0.0, ge=0, le=1)
    move_borders: int = setting(0, ge=0)
    coarse_labels: int = setting(0, ge=0)
    sketch_objects: float = setting(0.0, ge=0, le=1)
    changed_labels: float = setting(1.0, ge=0, le=1)

    def __post_init__(self) -> None:
        """Refuse a share of changed clips where nothing changes.

        Raises:
            ConfigError: A value is not allowed, or ``changed_labels`` has no effect.
        """
        super().__post_init__()
        if self.changed_labels != 1 and not self.labels:
            raise ConfigError(
                f"data.augment.changed_labels={self.changed_labels:g} has no effect, since labels do not change: add "
                "data.augment.drop_objects, .move_borders, .coarse_labels or .sketch_objects, or leave it out."
            )

    @property
    def labels(self) -> bool:
        """Whether label maps change."""
        return bool(self.drop_objects or self.move_borders or self.coarse_labels or self.sketch_objects)

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return self != AugmentConfig()


@dataclass
class DepthConfig(Settings):
    """A network that estimates depth from single pictures, for videos that have none.

    Attributes:
        network: Its file: TorchScript, or ONNX (``.onnx``, extra ``onnx``); empty: depth is not estimated.
        output: What it returns: ``metric``, metres, which are the plane ``depth``; or ``relative``, larger where it is
            nearer, without a unit, which is the plane ``disparity``.
        height: Height of the pictures that it sees; 0: as in the files.
        width: Width of the pictures that it sees; 0: as in the files.
        mean: What is subtracted from red, green and blue in [0, 1].
        std: What they are then divided by.
    """

    key: ClassVar[str] = "depth"

    network: str = ""
    output: str = setting("metric", DEPTH_PLANES)
    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    mean: list[float] = field(default_factory=lambda: [0.485, 0.456, 0.406])
    std: list[float] = field(default_factory=lambda: [0.229, 0.224, 0.225])

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, one side of the pictures is missing, or there are not three colours.
        """
        super().__post_init__()
        if bool(self.height) != bool(self.width):
            raise ConfigError("depth.height and depth.width belong together: give both, or neither.")
        if len(self.mean) != 3 or len(self.std) != 3 or min(self.std) <= 0:
            raise ConfigError(
                f"depth.mean={list(self.mean)} and depth.std={list(self.std)} must each have three numbers, for red, "
                "green and blue; those of depth.std must be above 0."
            )

    @property
    def plane(self) -> str:
        """The name of the plane that is estimated; empty: none is."""
        return DEPTH_PLANES[self.output] if self.network else ""


@dataclass
class LoaderConfig(Settings):
    """How clips are cut and loaded.

    Attributes:
        clip_frames: T, the number of frames of a training clip; F needs at least L + 1.
        clip_double_every: Number of epochs after which training clips become twice as long (temporally progressive
            training); 0: never.
        clip_frames_max: Greatest number of frames that clips grow to; every training sequence must have as many.
        frame_strides: Temporal strides of the frames of a training clip, one of which is drawn for each clip; with 2
            every other frame is left out.
        batch_size: Number of clips per batch.
        num_workers: Number of loader processes, at most 8 for each core (or 32); 0: the main process loads.
        height: Height of the frames in pixels; 0: as in the files.
        width: Width of the frames in pixels; 0: as in the files.
        crop: ``[top, left, bottom, right]`` in pixels of the files, cut out before resizing; empty: the whole frame.
        fit: What to do if the aspect ratio of that part is not that of ``height`` and ``width``: ``stretch`` it,
            ``crop`` its middle, or ``pad`` it by repeating its border.
        augment: Random changes of training clips.
        instance_edges: Add the borders between object instances to the condition; the data must have instance maps.
        object_motion: Add the motion of each object to the condition, as its outlines in two frames tell it; W of the
            efficient form begins from it. The data must have instance maps in which objects keep their ids.
        tracks: Labels, by name or id, whose objects are tracked through the label maps, so that they get ids that they
            keep; for data without maps of object ids, or with maps that only separate the objects of one frame.
        planes: Planes of a G-buffer that are added to the condition: names, ``[depth,normals]``, or mappings that
            describe another plane or change a known one, ``[{name:depth,half:20}]`` (docs/data.md).
        depth: The network that estimates the depth of sequences that have none; its plane must be one of ``planes``.
        repeats: Number of passes over the data per epoch.
        val_frames: Number of frames of a validation clip, the first ones of each held-out sequence, as far as it has
            them.
        flow_strides: Temporal strides of the reference flow that clips carry; those of D_V.
        flow_cache: Compute missing reference flow once, before the training, and keep it on disk; otherwise it is
            computed on the device in each step.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
        seed: Seed of the order and the position of the clips.
    """

    key: ClassVar[str] = "data"

    clip_frames: int = setting(8, ge=2)
    clip_double_every: int = setting(0, ge=0)
    clip_frames_max: int = setting(0, ge=0)
    frame_strides: list[int] = setting([1], ge=1)
    batch_size: int = setting(2, ge=1)
    num_workers: int = setting(2, ge=0)
    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    crop: list[int] = field(default_factory=list)
    fit: str = setting("stretch", FITS)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    instance_edges: bool = False
    object_motion: bool = False
    tracks: list[str] = field(default_factory=list)
    planes: list[Any] = field(default_factory=list)
    depth: DepthConfig = field(default_factory=DepthConfig)
    repeats: int = setting(1, ge=1)
    val_frames: int = setting(16, ge=2)
    flow_strides: list[int] = setting([1, 3, 9], ge=1)
    flow_cache: bool = True
    cache: str = ""
    seed: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, a plane is wrong, or clips grow to fewer frames than they have.
        """
        super().__post_init__()
        planes = planes_of(self.planes)
        names = [plane.name for plane in planes]
        if any(plane.name == self.depth.plane and (plane.channel or plane.factor) for plane in planes):
            raise ConfigError(
                f"data.planes: {self.depth.plane!r} is estimated by data.depth.network; leave out its channel and "
                "factor, which are for files."
            )
        if self.depth.plane and self.depth.plane not in names:
            raise ConfigError(
                f"data.depth.network={self.depth.network}: estimates the plane {self.depth.plane!r}; add it to "
                f"data.planes=[{', '.join([*names, self.depth.plane])}], or set data.depth.output."
            )
        if not self.frame_strides:
            raise ConfigError("data.frame_strides is empty: give at least one stride.")
        if self.clip_double_every and self.clip_frames_max < self.clip_frames:
            raise ConfigError(
                f"data.clip_frames_max must be at least data.clip_frames={self.clip_frames} when clips grow "
                f"(data.clip_double_every={self.clip_double_every}), but is {self.clip_frames_max}."
            )

    @property
    def planes_in_files(self) -> list[Plane]:
        """The planes that data sets must have: neither estimated nor marks."""
        return [plane for plane in planes_of(self.planes) if plane.name != self.depth.plane and not plane.is_marks]


@dataclass
class StreetData(LoaderConfig):
    """Rendered streets (`StreetConfig`), and how their clips are loaded (`LoaderConfig`).

    Attributes:
        kind: Always ``street``; chosen with data=street.
    """

    kind: str = "street"
    street: StreetConfig = field(default_factory=StreetConfig)


@dataclass
class VideoData(LoaderConfig, VideoConfig):
    """Your own videos (`VideoConfig`), and how their clips are loaded (`LoaderConfig`).

    Attributes:
        kind: Always ``video``; chosen with data=video.
    """

    kind: str = "video"
    path: str = MISSING


@dataclass
class FolderData(LoaderConfig, FolderConfig):
    """A data set in one of the known formats (`FolderConfig`), and how its clips are loaded (`LoaderConfig`).

    Attributes:
        kind: Always ``folder``; chosen with data=folder.
    """

    kind: str = "folder"
    path: str = MISSING


@dataclass
class ManifestData(LoaderConfig):
    """A data set with a manifest, and how its clips are loaded (`LoaderConfig`).

    Attributes:
        kind: Always ``manifest``; chosen with data=manifest.
        path: The folder with manifest.json, or that file.
    """

    kind: str = "manifest"
    path: str = MISSING


DataSettings = StreetData | VideoData | FolderData | ManifestData
DATA: dict[str, type[DataSettings]] = {
    "street": StreetData,
    "video": VideoData,
    "folder": FolderData,
    "manifest": ManifestData,
}
"""The settings of each kind of data (``data.kind``)."""


def build_data(given: DataSettings | Mapping[str, Any]) -> DataSettings:
    """Return the settings of data, whose ``kind`` tells the dataclass.

    Raises:
        ConfigError: As `build`; or the kind is unknown.
    """
    if not isinstance(given, Mapping):
        return given
    return build(DATA[choose(str(given.get("kind")), DATA, "data.kind")], given, "data")
