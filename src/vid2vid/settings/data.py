"""Settings of where data comes from and how it is loaded."""

from dataclasses import dataclass, field

from vid2vid.errors import ConfigError, choose

VIDEO_CONDITIONS = ("edges",)


@dataclass
class VideoConfig:
    """A video of one's own.

    Attributes:
        path: A video file or a folder of images.
        condition: What is computed from it as the condition: ``edges``.
        edge_thresholds: Canny's lower and upper threshold.
        holdout: Part of the video, at its end, that is not trained on.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    path: str
    condition: str = "edges"
    edge_thresholds: list[int] = field(default_factory=lambda: [60, 150])
    holdout: float = 0.15
    cache: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: No path, an unknown condition, or a held-out part outside 0..1.
        """
        if not self.path:
            raise ConfigError("data.path is empty: give the path of a video file or of a folder of images.")
        choose(self.condition, VIDEO_CONDITIONS, "data.condition")
        if not 0 < self.holdout < 1:
            raise ConfigError(f"data.holdout must lie between 0 and 1, but is {self.holdout}.")


@dataclass
class LoaderConfig:
    """How clips are cut and loaded.

    Attributes:
        clip_frames: Frames T of a training clip; F needs at least L + 1.
        batch_size: Clips of a batch.
        workers: Loader processes; 0 reads in the main process.
        height: Rows of the frames; 0 keeps the files' size.
        width: Columns of the frames; 0 keeps the files' size.
        crop: ``[top, left, bottom, right]`` in the files' pixels, cut out before resizing; empty: all.
        repeats: How often an epoch goes over the data.
        val_frames: Frames of a validation clip (the first ones of each held-out sequence), or as many as there are.
        flow_strides: Temporal strides of the reference flows that clips carry (those of D_V).
        flow_cache: Compute missing reference flows once, before the training, and keep them; without it the module
            computes them on its device in each step.
        cache: Folder for what is computed once; empty: ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
        seed: Seed of the clips' order and places.
    """

    clip_frames: int = 8
    batch_size: int = 2
    workers: int = 2
    height: int = 0
    width: int = 0
    crop: list[int] = field(default_factory=list)
    repeats: int = 1
    val_frames: int = 16
    flow_strides: list[int] = field(default_factory=lambda: [1, 3, 9])
    flow_cache: bool = True
    cache: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small.
        """
        for name, least in (("clip_frames", 2), ("batch_size", 1), ("workers", 0), ("repeats", 1), ("val_frames", 2)):
            if getattr(self, name) < least:
                raise ConfigError(f"data.{name} must be at least {least}, but is {getattr(self, name)}.")
