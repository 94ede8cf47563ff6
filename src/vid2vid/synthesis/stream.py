"""From a video of conditions to a video, frame by frame."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Never

from tqdm import tqdm

from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError
from vid2vid.generator import Style
from vid2vid.synthesis.identity import Module, describe, name_of
from vid2vid.synthesis.job import First, Job
from vid2vid.synthesis.material import Material, Transform
from vid2vid.synthesis.parts import INTERMEDIATES
from vid2vid.synthesis.pipe import Pipe
from vid2vid.synthesis.recorder import MAIN
from vid2vid.synthesis.recording import Recording
from vid2vid.synthesis.saved import Saved
from vid2vid.synthesis.sound import given_sound, own_sound
from vid2vid.video import Header, RawVideo

SEGMENT_FRAMES = 120


class StoppedError(Exception):
    """A synthesis was asked to stop before its end.

    Attributes:
        frames: How many frames there are.
        shown: Where they can be looked at; None where there are none.
    """

    def __init__(self, frames: int, shown: Path | None = None) -> None:
        super().__init__(f"stopped after {frames} frames")
        self.frames = frames
        self.shown = shown


def synthesize(
    module: Module,
    source: Path | RawVideo,
    output: Path | BinaryIO,
    *,
    crop_resize: CropResize | None = None,
    first: First | None = None,
    instance: Path | None = None,
    foreground: Path | None = None,
    appended: Path | None = None,
    fps: float = 0.0,
    intermediates: bool = False,
    transforms: Sequence[Transform] = (),
    resume: bool = False,
    segment_frames: int = SEGMENT_FRAMES,
    settings: Mapping[str, str] | None = None,
    style: Style | None = None,
    key_every: int = 0,
    sound: Path | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Synthesise a video from a video of conditions, of any length in constant memory; the first L frames included.

    Reading and writing go on in threads beside F. A video keeps the sound of its source, unless ``fps`` changes the
    pace. While it is made it lies in ``out.mp4.parts``, from where ``resume`` goes on with the same frames that an
    uninterrupted run makes.

    Args:
        module: A trained module; an image generator makes each frame on its own.
        source: The conditions, as the module's condition says: a label video, or a video whose edges are taken; a file
            or a folder of images, or raw frames from a pipe.
        output: The .mp4, .mov or .mkv to write, a folder for PNG images, or a pipe for raw ``rgb24``.
        crop_resize: Part and size of the source that is used; None: all of it.
        first: A video or folder whose first L frames are given to F as the first frames, or an image generator that
            makes them; None: F starts from nothing.
        instance: Video of object ids, needed when the condition has instance edges.
        foreground: Grey video, a soft mask of the foreground, for a model with a foreground prior; None: its own
            foreground labels.
        appended: Video or folder of what the model's condition appends to keypoints (`Condition.appended`): edges of
            the background, or DensePose maps.
        fps: Frames a second of the output; 0: as the source.
        intermediates: Write the `INTERMEDIATES` as well: ``out.flow.mp4`` and so on.
        transforms: Changes of the conditions before F sees them.
        resume: Go on with what an interrupted run has left; without any, begin.
        segment_frames: How often the state is kept; so many frames are lost at most.
        settings: What the frames depend on besides, such as what the transforms do, by name.
        style: What the objects look like (`vid2vid.synthesis.styles`), if the model has an encoder of styles; None: as
            on average.
        key_every: After how many frames the image generator of the first frames makes L frames anew, over and over; 0:
            never.
        sound: A video whose sound goes under the output, whatever its pace; None: the source's own.
        stopped: Asked before each frame: whether to stop.

    Returns:
        The number of frames of the output.

    Raises:
        DataError: A file cannot be read or written, or does not fit; the message names it.
        CheckpointError: The image generator of the first frames was trained on other conditions.
        ConfigError: First frames or a foreground are given to an image generator, which has no use for them, an
            interrupted run had other settings, a pipe is to be resumed, a style is given to a model without an
            encoder, or ``sound`` has none or is to go under images or raw frames.
        StoppedError: It was asked to stop.
    """
    material = Material(source, crop_resize or CropResize(), instance, foreground, appended, transforms)
    job = Job(module, material, first, segment_frames, intermediates, stopped, style, key_every)
    header = material.header(module.condition)
    job.synthesizer()  # refuses what cannot work before anything is written
    if isinstance(output, Path):
        identity = {
            **describe(module, material, first),
            **(settings or {}),
            "fps": str(fps),
            "intermediates": "yes" if intermediates else "no",
            "segment": str(segment_frames),
            **({} if style is None else {"style": name_of(style)}),
            **({"key_every": str(key_every)} if key_every else {}),
        }
        heard = own_sound(source, output, fps) if sound is None else given_sound(sound, output)
        tracks = (*INTERMEDIATES, MAIN) if intermediates else (MAIN,)
        recording = Recording(output, tracks, fps or header.fps, segment_frames, identity, heard)
        return _recorded(job, recording, header, resume)
    if resume or intermediates or sound:
        raise ConfigError(
            "standard output takes the frames alone, once: give a file for resume, intermediates or sound."
        )
    with Pipe(output) as pipe, _bar("frames", header, 0) as bar:
        frames, whole = job.run(pipe, Saved(0, {}), bar)
    if not whole:
        raise StoppedError(frames)
    return frames


def _recorded(job: Job, recording: Recording, header: Header, resume: bool) -> int:
    # outside of the block, at whose failure what was done before may go
    saved = recording.begin(resume)
    with recording:
        with _bar(recording.output.name, header, saved.frames) as bar:
            frames, whole = job.run(recording, saved, bar)
        if whole or frames:
            recording.finish(whole)
    if not whole:
        raise StoppedError(frames, recording.shown if frames else None)
    return frames


def _bar(name: str, header: Header, done: int) -> "tqdm[Never]":
    return tqdm(desc=name, total=header.frames or header.estimated_frames, initial=done, unit="frame")
