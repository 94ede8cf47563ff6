"""Settings of ``vid2vid live``."""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from omegaconf import MISSING

from vid2vid.config.data import FACE_DETECTORS, FITS, PERSON_DETECTORS
from vid2vid.config.settings import LARGEST_SIDE, setting
from vid2vid.config.synthesis import BACKENDS, PIPE, SYNTHESIS_PRECISIONS, StyleOptions, SynthesisConfig
from vid2vid.errors import ConfigError

PAGE = "page"


@dataclass
class LiveConfig(StyleOptions):
    """Synthesise from a camera, a stream, the screen or a pipe, as fast as frames can be made.

    F always takes the newest frame; those that come while it computes are dropped. Ctrl-C ends it.

    Attributes:
        checkpoint: As in `vid2vid synthesize`: a checkpoint, a model folder or name, or a step of `vid2vid export`.
        source: A camera, ``0`` or ``/dev/video0``; an ``rtsp://``, ``http://``, ``https://``, ``udp://`` or ``tcp://``
            address; ``screen:640x480+0+0``, a region of the screen (width x height + left + top; X11); ``-``, raw
            frames on the standard input; a video file or a folder of images, played at its own pace as a camera would;
            none, for a model of rendered streets: a new street, chosen by ``seed``, rendered on the way.
        output: ``page``, shown in the browser (extra ``studio``); ``-``, raw ``rgb24`` on the standard output; an .mp4,
            .mov or .mkv to record; ``/dev/video9``, a device of v4l2loopback, which other programs take for a camera;
            or a list of them, ``[page,out.mp4]``.
        segmenter: TorchScript file of a network that finds the labels in the frames, for a model of labels; none: the
            source shows label maps.
        hed: For a model of grey conditions: they are learned edges (HED) of the frames, in place of their grey levels.
        detector: Detector of faces or people; ``auto``: for faces the first that is installed, for people ``holistic``.
        instance: Video of object ids beside a file of label maps, for conditions with edges or motion of objects; none:
            connected areas of a label are objects.
        retarget: The video, or its keypoints, that a model of faces or poses was trained on; the person before the
            camera gets the proportions of the person in it.
        calibrate: Seconds of the source in which the person is measured for ``retarget`` before the first frame.
        edit: Changes of the label maps, as in `vid2vid synthesize`.
        first: Video or image folder whose first frames are the first frames of the output.
        image_checkpoint: A checkpoint of an image generator, which makes the first frames; without it and ``first`` F
            starts from an empty past.
        key_every: Number of frames after which the image generator makes L new frames, again and again. 0: never.
        height: Rows; 0: those of the training, if the model knows them, else as the source.
        width: Columns; 0: those of the training, if the model knows them, else as the source.
        crop: ``[top, left, bottom, right]`` of the source; empty: all.
        fit: What to do with a source of another aspect ratio: ``crop`` its middle, ``pad`` it or ``stretch`` it.
        mirror: Mirror the source, left to right, as people expect of a camera that faces them.
        raw_height: Rows of raw frames, or rows that the camera is asked for; 0: ``height``, or the camera's default.
        raw_width: Columns of raw frames, or columns that the camera is asked for; 0: ``width``, or the camera's
            default.
        fps: Frames a second of the camera, the screen or the new street; 0: the camera's default, 25 of a screen, 10 of
            a street.
        seconds: End the run after this many seconds; 0: when the source ends, or by Ctrl-C.
        reconnect: Seconds for which a camera, stream or screen that broke is opened again, at growing intervals.
        show_latency: Draw the milliseconds from input to output onto the frames.
        show_condition: Show the condition beside the frame.
        host: Address to serve the page on. With any other than this machine's own, others can open the page; they need
            the token that is printed.
        port: Port to serve the page on; 0: any that is free.
        open: Open the page in the browser.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
        precision: Number format of the convolutions, as in `vid2vid synthesize`.
        threads: Number of threads that compute on a CPU; 0: torch's default.
        compile: Compile F with torch.compile before the first frame, as in `vid2vid synthesize`.
        backend: What computes F, as in `vid2vid synthesize`.
    """

    checkpoint: Path = MISSING
    source: Any = None
    output: Any = PAGE
    segmenter: Path | None = None
    hed: bool = False
    detector: str = setting("auto", ("auto", *FACE_DETECTORS, *PERSON_DETECTORS))
    instance: Path | None = None
    retarget: Path | None = None
    calibrate: float = setting(5.0, gt=0)
    edit: Any = ""
    first: Path | None = None
    image_checkpoint: Path | None = None
    key_every: int = setting(0, ge=0)
    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    crop: list[int] = field(default_factory=list)
    fit: str = setting("crop", FITS)
    mirror: bool = False
    raw_height: int = setting(0, ge=0, le=LARGEST_SIDE)
    raw_width: int = setting(0, ge=0, le=LARGEST_SIDE)
    fps: float = setting(0.0, ge=0)
    seconds: float = setting(0.0, ge=0)
    reconnect: float = setting(300.0, ge=0)
    show_latency: bool = False
    show_condition: bool = False
    host: str = "127.0.0.1"
    port: int = setting(8018, ge=0, le=65535)
    open: bool = False
    device: str = ""
    precision: str = setting("auto", SYNTHESIS_PRECISIONS)
    threads: int = setting(0, ge=0, le=1024)
    compile: bool = False
    backend: str = setting("torch", BACKENDS)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is out of bounds, there is no output or one twice, the size of raw frames is not
                given, or the settings of F do not fit together.
        """
        super().__post_init__()
        outputs = self.output if isinstance(self.output, list) else [self.output]
        self.output = [str(one) for one in outputs]
        if not self.output or len(set(self.output)) < len(self.output):
            raise ConfigError(
                f"output={outputs}: give page, - (standard output), a video file to record or a device such as "
                "/dev/video9, each at most once."
            )
        self.source = None if self.source in (None, "") else str(self.source)
        if self.source == PIPE and not ((self.raw_height or self.height) and (self.raw_width or self.width)):
            raise ConfigError("source=-: raw frames do not say their size: give raw_height and raw_width.")
        self.synthesis()

    @property
    def recorded(self) -> list[Path]:
        """The videos to record."""
        return [Path(one) for one in self.output if one not in (PAGE, PIPE) and Path(one) not in self.cameras]

    @property
    def cameras(self) -> list[Path]:
        """The devices of v4l2loopback that frames are given to."""
        return [Path(one) for one in self.output if one.startswith("/dev/video")]

    def synthesis(self) -> SynthesisConfig:
        """Return the settings of a synthesis that they have in common.

        Raises:
            ConfigError: They do not fit together.
        """
        shared = {f.name for f in fields(SynthesisConfig)} & {f.name for f in fields(self)} - {"output"}
        return SynthesisConfig(output=PIPE, **{name: getattr(self, name) for name in shared})
