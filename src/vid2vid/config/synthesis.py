"""Settings of ``vid2vid synthesize`` and ``vid2vid styles``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import MISSING

from vid2vid.config.data import DepthConfig
from vid2vid.config.settings import LARGEST_SIDE, Settings, setting
from vid2vid.errors import ConfigError

SYNTHESIS_PRECISIONS = ("auto", "32", "bf16", "16")
PIPE = "-"
"""The source or output that is the standard input or output."""
BACKENDS = ("torch", "onnxruntime", "openvino")


@dataclass
class StyleOptions(Settings):
    """Style options of a synthesis, for a model with an encoder of styles.

    Attributes:
        style: ``mean``: the average style; ``random``: drawn by ``seed`` from ``styles``; ``from:PICTURE``: the style
            of a real picture, in which absent classes have the average style.
        styles: A file of `vid2vid styles`, needed for ``random`` and for kinds; none: the average style is that of the
            training.
        style_labels: The label map of the picture of ``from:PICTURE``.
        style_classes: Styles of single classes, ``{road:3,car:random}``: the number of a kind in ``styles``, counted
            from 0, the most common one; ``mean``; ``random``; or the features themselves, ``[0.2,-1.0,0.4]``.
        seed: Seed of the random styles, and number of a new street.
    """

    style: str = "mean"
    styles: Path | None = None
    style_labels: Path | None = None
    style_classes: Any = None
    seed: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Check the classes, and make texts of their names.

        Raises:
            ConfigError: ``style_classes`` is no mapping.
        """
        super().__post_init__()
        if not isinstance(self.style_classes or {}, dict):
            raise ConfigError(
                f"style_classes={self.style_classes}: give classes with their styles, e.g. style_classes={{road:3}}."
            )
        self.style_classes = {str(label): wanted for label, wanted in (self.style_classes or {}).items()}

    @property
    def asks_for_style(self) -> bool:
        """Whether another style than the average one of the training is wanted."""
        return self.style != "mean" or bool(self.styles or self.style_labels or self.style_classes)


@dataclass
class SynthesisConfig(StyleOptions):
    """Synthesise videos from videos of conditions.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of a video model or of an image generator; or a step of
            `vid2vid export`, ``.onnx`` or ``.xml``, which runs without the checkpoint, as it was exported.
        source: Conditions: a video, a folder of images, or keypoints; several as a list or a pattern, ``[a.mp4,b.mp4]``
            or ``labels/*.mkv``; or ``-``, raw frames on the standard input: ``gray8`` for labels and grey, else
            ``rgb24``. In Python one path or a `vid2vid.video.RawVideo`. None, for a model of rendered streets: a new
            street, chosen by ``seed``, which is rendered on the way, its first L frames included.
        output: The .mp4, .mov or .mkv to write, a folder for PNG images, or ``-``, raw ``rgb24`` on the standard
            output; for several sources a folder, which gets an mp4 for each. In Python a path or a binary file.
        frames: Greatest number of frames to make; 0: all of the source, 120 of a new street.
        first: Video or image folder whose first frames are the first frames of the output; none, for a new street:
            those that are rendered.
        image_checkpoint: A checkpoint of an image generator, which makes the first frames; without it and ``first`` F
            starts from an empty past.
        key_every: Number of frames after which the image generator makes L new frames, again and again; this ends the
            drift of long videos, with a jump. 0: never.
        instance: Video of object ids, for conditions with edges or motion of objects.
        foreground: Grey video, a soft mask of the foreground; none: the model's foreground labels, if it has any.
        background: Video or folder of the background's edges, for faces with them.
        densepose: Video or folder of DensePose maps, for poses with them.
        planes: Videos or folders of planes, for conditions with them: ``{depth:depth/x,normals:normals/x}``.
        depth: The network that estimates depth, as in the training: from the source if that is the real video (edges),
            else from the real pictures that ``planes`` names in place of depth.
        object_colours: For a model with generator.object_memory: colours of objects by id, ``{17:[200,30,40]}``, and
            by class lists of them, ``{car:[[170,30,30],[40,60,150]]}``, of which each object of the class has one.
            Classes that are left out have those of the training data; with ``{}`` F chooses all.
        edit: Changes of the label maps: ``building->vegetation``, ``remove car``, or a list of them (docs/editing.md).
        retarget: The video, or its keypoints, that a model of faces or poses was trained on; the person of the source,
            a video or keypoints, gets the proportions of the person in it.
        height: Rows; 0: as the source, or of a new street as the training.
        width: Columns; 0: as the source, or of a new street as the training.
        crop: ``[top, left, bottom, right]`` of the source; empty: all.
        raw_height: Rows of raw frames; 0: ``height``.
        raw_width: Columns of raw frames; 0: ``width``.
        fps: Frames a second of the output; 0: as the source, 25 for raw frames and folders.
        sound: A video whose sound the output gets; none: the sound of the source, unless ``fps`` changes its speed.
        intermediates: Write flow, mask, warped and hallucinated frames as well: out.flow.mp4 and so on.
        resume: Continue an interrupted synthesis from the folder out.mp4.parts; finished outputs stay.
        segment: Number of frames after which the state is saved; an interruption loses fewer.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
        precision: Number format of the convolutions: ``32`` (float32), ``bf16`` (bfloat16, about twice as fast where
            the device has instructions for it), ``16`` (float16, on a GPU), or ``auto``: bf16 on such devices, else 32.
            The frames differ a little (docs/speed.md).
        threads: Number of threads that compute on a CPU; 0: torch's default.
        compile: Compile F with torch.compile before the first frame, which takes a minute or more and is kept for the
            next time; needs a C++ compiler.
        backend: What computes F: ``torch``, or on a CPU ``onnxruntime`` (extra ``onnx``) or ``openvino`` (extra of that
            name), which export its step before the first frame and keep it in the cache (docs/export.md).
    """

    checkpoint: Path = MISSING
    source: Any = None
    output: Any = MISSING
    frames: int = setting(0, ge=0)
    first: Path | None = None
    image_checkpoint: Path | None = None
    key_every: int = setting(0, ge=0)
    instance: Path | None = None
    foreground: Path | None = None
    background: Path | None = None
    densepose: Path | None = None
    planes: Any = None
    depth: DepthConfig = field(default_factory=DepthConfig)
    object_colours: Any = None
    edit: Any = ""
    retarget: Path | None = None
    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    crop: list[int] = field(default_factory=list)
    raw_height: int = setting(0, ge=0, le=LARGEST_SIDE)
    raw_width: int = setting(0, ge=0, le=LARGEST_SIDE)
    fps: float = setting(0.0, ge=0)
    sound: Path | None = None
    intermediates: bool = False
    resume: bool = False
    segment: int = setting(120, ge=1)
    device: str = ""
    precision: str = setting("auto", SYNTHESIS_PRECISIONS)
    threads: int = setting(0, ge=0, le=1024)
    compile: bool = False
    backend: str = setting("torch", BACKENDS)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is out of bounds, two settings give the first frames, another back-end
                is to compile, ``planes`` is no mapping, or ``object_colours`` has no such form.
        """
        super().__post_init__()
        if self.first and self.image_checkpoint:
            raise ConfigError("first and image_checkpoint both give the first frames: give one of them.")
        if self.compile and self.backend != "torch":
            raise ConfigError(f"compile=true is for backend=torch, but the backend is {self.backend}.")
        planes = self.planes or {}
        if not isinstance(planes, dict) or not all(isinstance(path, str | Path) for path in planes.values()):
            raise ConfigError(f"planes={self.planes}: give the path of each plane, e.g. planes={{depth:depth/x}}.")
        self.planes = {str(name): Path(path) for name, path in planes.items()}
        if self.object_colours is not None:
            self.object_colours = checked_colours(self.object_colours)

    def files_read(self) -> list[object]:
        """Return the paths of all that is read, the sources and the picture of a style among them."""
        sources = self.source if isinstance(self.source, list) else [self.source]
        picture = [self.style.removeprefix("from:")] if self.style.startswith("from:") else []
        return [*super().files_read(), *sources, *picture, *self.planes.values(), self.depth.network]


def checked_colours(given: object) -> dict[int | str, list[Any]]:
    """Return the colour of each object id, and the colours of each class.

    Raises:
        ConfigError: It is something else.
    """
    colours: dict[int | str, list[Any]] = {}
    for key, value in given.items() if isinstance(given, dict) else ():
        if type(key) is int and key > 0 and _is_colour(value):
            colours[key] = list(value)
        elif isinstance(key, str) and isinstance(value, list | tuple) and value and all(map(_is_colour, value)):
            colours[key] = [list(colour) for colour in value]
    if isinstance(given, dict) and len(colours) == len(given):
        return colours
    raise ConfigError(
        f"object_colours={given}: map the ids of objects (1 or more) to red, green and blue in 0..255, or classes to "
        "lists of such colours, e.g. object_colours={17:[200,30,40],car:[[170,30,30],[40,60,150]]}."
    )


def _is_colour(value: object) -> bool:
    """Whether a value is red, green and blue in 0..255."""
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and all(type(part) is int and 0 <= part <= 255 for part in value)
    )


@dataclass
class StylesConfig(Settings):
    """Fit the styles of the objects of a data set.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of a video model with an encoder (``encoder.features``).
        output: The file to write; none: ``styles.safetensors`` in the run's folder. A sheet of all kinds lies beside
            it.
        data: Another data set than that of the run; none: the run's own.
        frames: Largest number of training frames that are read.
        components: Largest number of Gaussians in the mixture of each class.
        kinds: Largest number of kinds of each class (k-means), which are chosen by number.
        least_pixels: Objects of fewer pixels are left out.
        seed: Seed of the fits.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: Path = MISSING
    output: Path | None = None
    data: Any = None
    frames: int = setting(1000, ge=1)
    components: int = setting(3, ge=1)
    kinds: int = setting(8, ge=1)
    least_pixels: int = setting(16, ge=1)
    seed: int = 0
    device: str = ""
