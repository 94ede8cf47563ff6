"""Settings of where data comes from and how it is loaded."""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from vid2vid.condition import KINDS, require_own_settings
from vid2vid.config.settings import Settings, setting
from vid2vid.errors import ConfigError

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
CUTS = ("auto", "find", "ignore")
ON_BROKEN = ("error", "skip")
"""What may be done about a video that cannot be read."""
FITS = ("stretch", "crop", "pad")
"""What may be done where frames have another aspect than the size that they are brought to."""


@dataclass
class VideoConfig(Settings):
    """Videos of one's own, and what is made of them as the condition.

    Attributes:
        path: A video file, a folder of images, or a folder with several of either.
        condition: ``edges`` (Canny, computed as frames are read), ``hed`` (learned edges), ``face`` (a sketch through
            68 landmarks) or ``pose`` (a skeleton).
        detector: Detector of a face's landmarks: ``dlib``, ``mediapipe``, or ``auto``: the first that is installed.
        root: Folder for the conditions that are extracted, and a manifest; empty: in the cache.
        edge_thresholds: Canny's lower and upper threshold.
        distance_maps: For faces: beside the sketch, the distance to each part of the face.
        background_edges: For faces: beside the sketch, Canny's edges of what surrounds the face.
        limb_maps: For poses: one channel a limb, in place of a skeleton in colours.
        silhouette: For poses: keep the person's silhouette, too, as the soft mask of the foreground.
        longest_gap: Keypoints that are missing for as many frames or fewer are filled in; longer parts of a video
            without anybody are left out.
        smooth: Standard deviation in frames of the smoothing of keypoints over time; 0: none.
        cuts: Whether cuts inside a video are looked for, which no clip must cross: ``find`` (extra ``cuts``),
            ``ignore``, or ``auto``: if the extra is installed.
        shortest: Frames that a part between two cuts must have, or it is left out.
        on_broken: What a video that cannot be read does: ``error``, or ``skip``: it is left out with a warning.
        holdout: Part that is not trained on: of several videos the last ones, of one its end.
        workers: Processes that prepare several videos side by side.
        shard: ``i/n``: prepare only the i-th of n parts of the videos, i from 1 on; for many machines.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    key: ClassVar[str] = "data"

    path: str
    condition: str = setting("edges", tuple(VIDEO_CONDITIONS))
    detector: str = setting("auto", ("auto", *FACE_DETECTORS))
    root: str = ""
    edge_thresholds: list[int] = field(default_factory=lambda: [60, 150])
    distance_maps: bool = False
    background_edges: bool = False
    limb_maps: bool = False
    silhouette: bool = True
    longest_gap: int = setting(8, ge=0)
    smooth: float = setting(1.0, ge=0)
    cuts: str = setting("auto", CUTS)
    shortest: int = setting(8, ge=1)
    on_broken: str = setting("error", ON_BROKEN)
    holdout: float = setting(0.15, gt=0, lt=1)
    workers: int = setting(1, ge=1)
    shard: str = ""
    cache: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: No path, a value that is not allowed, a setting of another condition, or a shard that is not
                i/n.
        """
        super().__post_init__()
        if not self.path:
            raise ConfigError("data.path is empty: give the path of a video file or of a folder of images or videos.")
        require_own_settings(self, VIDEO_CONDITIONS[self.condition], "data")
        part, of = self.part
        if not 1 <= part <= of:
            raise ConfigError(f"data.shard must be i/n with i in 1..n, but is {self.shard!r}.")

    @property
    def part(self) -> tuple[int, int]:
        """Which part of the videos is prepared, counted from 1, and of how many; (0, 0) if ``shard`` is no i/n."""
        given = re.fullmatch(r"(\d+)/(\d+)", self.shard or "1/1")
        return (int(given[1]), int(given[2])) if given else (0, 0)


@dataclass
class AugmentConfig(Settings):
    """Random changes of training clips, drawn once a clip for all its frames.

    Attributes:
        flip: How often a clip is mirrored, 0 to 1; with labels of left and right see ``mirrored`` of the condition.
        zoom: Up to which factor a clip is enlarged, a random part of it being used; 1: never.
        colour: Strength of changes of the real frames' colours, 0 to 1; the conditions keep theirs.
        drop_limbs: How often each limb of a skeleton is left out, 0 to 1.
        drop_objects: For labels: how often each object, or label of small things, is left out of the label maps and the
            hole filled from its surroundings, 0 to 1.
        move_borders: For labels: up to how many pixels a label grows over its neighbours, or they over it.
        coarse_labels: For labels: up to which side of a square in pixels its most frequent label is taken.
    """

    key: ClassVar[str] = "data.augment"

    flip: float = setting(0.0, ge=0, le=1)
    zoom: float = setting(1.0, ge=1)
    colour: float = setting(0.0, ge=0, le=1)
    drop_limbs: float = setting(0.0, ge=0, le=1)
    drop_objects: float = setting(0.0, ge=0, le=1)
    move_borders: int = setting(0, ge=0)
    coarse_labels: int = setting(0, ge=0)

    @property
    def labels(self) -> bool:
        """Whether label maps change."""
        return bool(self.drop_objects or self.move_borders or self.coarse_labels)

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return self != AugmentConfig()


@dataclass
class LoaderConfig(Settings):
    """How clips are cut and loaded.

    Attributes:
        clip_frames: Frames T of a training clip; F needs at least L + 1.
        clip_double_every: Epochs after which the training clips are twice as long (temporally progressive); 0: never.
        clip_frames_max: Frames that they grow to at most; every training sequence must have as many.
        frame_strides: Distances of a training clip's frames that are drawn from: 2 leaves every other frame out.
        batch_size: Clips of a batch.
        num_workers: Loader processes; 0 reads in the main process.
        height: Rows of the frames; 0 keeps the files' size.
        width: Columns of the frames; 0 keeps the files' size.
        crop: ``[top, left, bottom, right]`` in the files' pixels, cut out before resizing; empty: all.
        fit: What happens where that part has another aspect than the frames wanted: ``stretch``, ``crop`` its middle,
            or ``pad`` it by repeating its border.
        augment: Random changes of training clips.
        instance_edges: Give F the borders between object instances beside the labels; the data must have instance maps.
        repeats: How often an epoch goes over the data.
        val_frames: Frames of a validation clip (the first ones of each held-out sequence), or as many as there are.
        flow_strides: Temporal strides of the reference flows that clips carry (those of D_V).
        flow_cache: Compute missing reference flows once, before the training, and keep them; without it the module
            computes them on its device in each step.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
        seed: Seed of the clips' order and places.
    """

    key: ClassVar[str] = "data"

    clip_frames: int = setting(8, ge=2)
    clip_double_every: int = setting(0, ge=0)
    clip_frames_max: int = 0
    frame_strides: list[int] = setting([1], ge=1)
    batch_size: int = setting(2, ge=1)
    num_workers: int = setting(2, ge=0)
    height: int = setting(0, ge=0)
    width: int = setting(0, ge=0)
    crop: list[int] = field(default_factory=list)
    fit: str = setting("stretch", FITS)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    instance_edges: bool = False
    repeats: int = setting(1, ge=1)
    val_frames: int = setting(16, ge=2)
    flow_strides: list[int] = setting([1, 3, 9], ge=1)
    flow_cache: bool = True
    cache: str = ""
    seed: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, by itself or beside the others.
        """
        super().__post_init__()
        if self.clip_double_every and self.clip_frames_max < self.clip_frames:
            raise ConfigError(
                f"data.clip_frames_max must be at least data.clip_frames={self.clip_frames} when clips grow "
                f"(data.clip_double_every={self.clip_double_every}), but is {self.clip_frames_max}."
            )
        if not self.frame_strides:
            raise ConfigError("data.frame_strides is empty: give one distance at least, [1] for frames in a row.")


@dataclass
class StreetConfig(Settings):
    """Streets to render, and the folder for them: ``data.street``.

    Attributes:
        root: Folder of the data set.
        height: Rows of the rendered frames, even. (``data.height`` is the size that clips are brought to.)
        width: Columns of the rendered frames, even.
        train_sequences: Number of streets to train on.
        val_sequences: Number of other streets held out.
        frames: Frames of each sequence.
        seed: Seed of the streets; no two seeds share a street. (``data.seed`` is that of the order of clips.)
        fps: Frames a second.
        flow_strides: Temporal strides whose exact flow is written; those that reach ``frames`` are left out. The flow
            of others that D_V needs is estimated during the training.
        render_workers: Number of processes that render; 0: one for each CPU, 1: render in this process.
    """

    key: ClassVar[str] = "data.street"

    root: str = "data/street"
    height: int = setting(128, ge=16)
    width: int = setting(256, ge=16)
    train_sequences: int = setting(80, ge=0, le=50_000)
    val_sequences: int = setting(8, ge=0, le=50_000)
    frames: int = setting(30, ge=1)
    seed: int = setting(0, ge=0)
    fps: float = setting(10.0, gt=0)
    flow_strides: list[int] = setting([1, 3, 9], ge=1)
    render_workers: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, by itself or beside the others.
        """
        super().__post_init__()
        if self.height % 2 or self.width % 2:
            size = f"data.street.height={self.height}, data.street.width={self.width}"
            raise ConfigError(f"{size}: H.264 needs even sizes.")
        if self.train_sequences + self.val_sequences == 0:
            raise ConfigError(
                "data.street.train_sequences and data.street.val_sequences are both 0: nothing to render."
            )
        if len(set(self.flow_strides)) != len(self.flow_strides):
            raise ConfigError(f"data.street.flow_strides={list(self.flow_strides)}: give each stride once.")
