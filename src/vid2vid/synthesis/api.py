"""`synthesize`: from the conditions of a video of any length to a video, in constant memory."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from tqdm import tqdm

from vid2vid.baselines import ImageModule
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError
from vid2vid.export import ExportedStep
from vid2vid.files import refuse_overwriting
from vid2vid.generator import Style
from vid2vid.models import MODELS
from vid2vid.synthesis.computation import computing_threads
from vid2vid.synthesis.exported_synthesizer import ExportedSynthesizer
from vid2vid.synthesis.frame_memory import check_frame_memory
from vid2vid.synthesis.inputs import InputSource, Transform, require_least_side
from vid2vid.synthesis.progress import frame_dependencies
from vid2vid.synthesis.rendered_street import with_street_size
from vid2vid.synthesis.retarget import retargeted
from vid2vid.synthesis.sound import output_sound
from vid2vid.synthesis.threads import WriteBehind, read_ahead
from vid2vid.synthesis.writers import frame_pictures, open_writer, written_files
from vid2vid.training import Vid2VidModule, load
from vid2vid.training.precision import synthesis_precision
from vid2vid.video import RawVideo


class StoppedError(Exception):
    """A synthesis was stopped before its end.

    Attributes:
        frames: Number of frames that were made.
        partial: The file or folder that holds them; None: there is none.
    """

    def __init__(self, frames: int, partial: Path | None = None) -> None:
        super().__init__(f"stopped after {frames} frames")
        self.frames = frames
        self.partial = partial


def synthesize(
    module: Vid2VidModule | ImageModule | ExportedStep,
    config: SynthesisConfig,
    *,
    image: ImageModule | None = None,
    style: Style | None = None,
    transforms: Sequence[Transform] = (),
    notes: Mapping[str, str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Synthesise a video, its first L frames included, from conditions of any length in constant memory.

    Threads read and write while F computes. An unfinished video lies in ``out.mp4.parts``; ``config.resume`` continues
    it with the same frames that an uninterrupted run makes.

    Args:
        module: A trained module, or an exported step of one; an image generator makes each frame on its own.
        config: The settings.
        image: An image generator that makes the first frames, instead of ``config.image_checkpoint``.
        style: The style of the objects, instead of the options in ``config``.
        transforms: Changes of the conditions before F sees them, after ``config.edit``.
        notes: Other things that the frames depend on, such as the transforms, by name; compared when resuming.
        stopped: Called before each frame; returns whether to stop.

    Returns:
        The number of frames of the output.

    Raises:
        DataError: A file cannot be read or written, or does not fit; the message names it.
        CheckpointError: The image generator of the first frames was trained on other conditions.
        ConfigError: A setting does not fit the model or another setting, the interrupted run had other settings, the
            output is a file that is read, or the frames are larger than the memory.
        StoppedError: ``stopped`` returned True.
    """
    refuse_overwriting(written_files(config), config.files_read())
    config = with_precision(module, config)
    config = with_street_size(config, module)
    generator: Any = getattr(module, "generator", None)
    # before retargeting, which gives a mask to every model of a body
    if config.foreground and generator is not None and getattr(generator.config, "foreground", "") == "none":
        raise ConfigError("foreground has no effect on this model: leave it out.")
    sound = output_sound(config)
    given, config = config, retargeted(config, module.condition)
    inputs = InputSource(config, module.condition, transforms, stopped)
    header = inputs.header()
    inputs.warn_of_doubts()
    # refuses settings that cannot work, before anything is written
    synthesizer, image = make_synthesizer(module, config, inputs, image, style)
    # files written by retargeting are identified by the files that they were made from
    source = Path(given.source) if given.retarget else inputs.source
    settings = {**frame_dependencies(given, source, module, image, synthesizer.style), **(notes or {})}
    writer = open_writer(config, config.fps or header.fps, settings, sound, inputs.times())
    with writer, computing_threads(config.threads):
        progress = writer.begin()
        if progress.frames:
            synthesizer.load_state(progress.tensors)
        count, whole = progress.frames, False
        bar = tqdm(desc=writer.name, total=header.frames or header.estimated_frames, initial=count, unit="frame")
        with bar, WriteBehind() as behind, closing(read_ahead(islice(inputs, count, None))) as frames:
            for frame in frames:
                if stopped():
                    break
                if count == progress.frames:
                    height, width = frame.source.shape[-2:]
                    require_least_side(inputs.source, height, width, synthesizer.least_side)
                    check_frame_memory(module, height, width)
                made = synthesizer.step(frame.source, frame.instance, frame.foreground, frame.planes)
                behind.call(writer.write, frame_pictures(made, config.intermediates))
                count += 1
                bar.update()
                if count % config.segment == 0:
                    behind.call(writer.cut, count, synthesizer.state())
            else:
                # a pipe that was stopped while it waited has an unknown end
                whole = not (isinstance(inputs.source, RawVideo) and stopped())
        if whole or count:
            writer.finish(whole)
    if not whole:
        raise StoppedError(count, writer.partial if count else None)
    return count


def with_precision(module: Vid2VidModule | ImageModule | ExportedStep, config: SynthesisConfig) -> SynthesisConfig:
    """Return the settings with ``precision=auto`` resolved, since frames depend on the precision."""
    if isinstance(module, ExportedStep):
        # its file fixes its precision
        return config
    # ONNX Runtime has one precision on a CPU
    wanted = "32" if (config.precision, config.backend) == ("auto", "onnxruntime") else config.precision
    return replace(config, precision=synthesis_precision(wanted, module.device))


def make_synthesizer(
    module: Vid2VidModule | ImageModule | ExportedStep,
    config: SynthesisConfig,
    inputs: InputSource,
    image: ImageModule | None,
    style: Style | None,
) -> tuple[Any, ImageModule | None]:
    """Return the synthesizer, and the image generator of the first frames, if there is one."""
    if isinstance(module, ExportedStep):
        return ExportedSynthesizer.of(module, config, inputs, image, style), None
    if config.image_checkpoint and image is None:
        image = load(config.image_checkpoint, ImageModule, device=module.device, condition=module.condition)
    # before the first frames are enlarged
    check_frame_memory(module.eval(), config.height, config.width)
    return resolve_name(MODELS[module.kind].synthesizer).of(module, config, inputs, image, style), image
