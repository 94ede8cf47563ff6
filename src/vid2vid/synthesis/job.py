"""Reading, F and writing, at work at the same time."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Never

from torch import Tensor
from tqdm import tqdm

from vid2vid.baselines import ImageModule
from vid2vid.errors import ConfigError, DataError
from vid2vid.generator import Style
from vid2vid.synthesis.identity import Module
from vid2vid.synthesis.material import Inputs, Material, require_size
from vid2vid.synthesis.overlap import Behind, ahead
from vid2vid.synthesis.parts import intermediate_pictures, picture_of
from vid2vid.synthesis.recorder import MAIN, Recorder
from vid2vid.synthesis.saved import Saved
from vid2vid.synthesis.synthesizer import ImageSynthesizer, Synthesizer
from vid2vid.types import Frame
from vid2vid.video import RawVideo
from vid2vid.visual import Picture

First = Path | ImageModule


@dataclass(frozen=True)
class Job:
    """One synthesis.

    Attributes:
        module: The model.
        material: What it makes frames of.
        first: Where F's first frames come from.
        segment_frames: After how many frames there is a cut.
        intermediates: Whether the parts of the frames are wanted, too.
        stopped: Asked before each frame: whether to stop.
        style: What the objects look like.
        key_every: See `Synthesizer`.
    """

    module: Module
    material: Material
    first: First | None
    segment_frames: int
    intermediates: bool
    stopped: Callable[[], bool]
    style: Style | None = None
    key_every: int = 0

    def synthesizer(self) -> tuple[Synthesizer | ImageSynthesizer, Tensor | None]:
        """Return the stream, and the first frames that were given to it.

        Raises:
            ConfigError: An image generator is given what it has no use for.
            DataError: The first frames cannot be read, or are too few.
        """
        if isinstance(self.module, ImageModule):
            if self.first is not None or self.material.foreground is not None:
                raise ConfigError(
                    "this model is an image generator: first frames or a foreground mask are of no use to it."
                )
            if self.style is not None:
                raise ConfigError("this model is an image generator: it has no encoder of styles.")
            if self.key_every:
                raise ConfigError("this model is an image generator: each of its frames is a key frame.")
            return ImageSynthesizer(self.module), None
        if isinstance(self.first, Path):
            given = self.material.first_frames(self.first, self.module.generator.config.past_frames)
            return Synthesizer(self.module, given, self.style, self.key_every), given
        return Synthesizer(self.module, self.first, self.style, self.key_every), None

    def run(self, recorder: Recorder, saved: Saved, bar: "tqdm[Never]") -> tuple[int, bool]:
        """Synthesise the frames that are not there yet.

        Args:
            recorder: Where they go.
            saved: What is there.
            bar: Shows how far it is.

        Returns:
            How many frames there are now, and whether these are all.

        Raises:
            DataError: A file cannot be read or written, or does not fit.
        """
        synthesizer, given = self.synthesizer()
        if saved.frames:
            synthesizer.load_state(saved.state)
        count = saved.frames
        inputs = islice(self.material.inputs(self.module.condition), count, None)
        with Behind() as writer, closing(ahead(inputs)) as waiting:
            for item in waiting:
                if self.stopped():
                    return count, False
                self._require_large(item.source)
                require_size(self.first, given, item.source)
                writer.do(recorder.write, self._pictures(_step(synthesizer, item)))
                count += 1
                bar.update()
                if count % self.segment_frames == 0:
                    writer.do(recorder.cut, count, synthesizer.state())
        # of a pipe nobody knows where it would have ended
        return count, not (isinstance(self.material.source, RawVideo) and self.stopped())

    def _require_large(self, planes: Tensor) -> None:
        if isinstance(self.module, ImageModule):
            return
        height, width = planes.shape[-2:]
        least = self.module.generator.config.multiple + 1
        if min(height, width) < least:
            raise DataError(
                f"{self.material.source}: frames of {height} x {width} are too small for this model: at least {least} "
                "pixels are needed; give height and width to enlarge them."
            )

    def _pictures(self, frame: Frame) -> dict[str, Picture]:
        others = intermediate_pictures(frame) if self.intermediates else {}
        return {**others, MAIN: picture_of(frame)}


def _step(synthesizer: Synthesizer | ImageSynthesizer, item: Inputs) -> Frame:
    return synthesizer.step(item.source, item.instance, item.foreground)
