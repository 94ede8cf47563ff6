"""The frames of one model in one session, each made from the frames before it, and the states between them."""

from collections import deque
from pkgutil import resolve_name
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.baselines import ImageModule
from vid2vid.generator import Style
from vid2vid.models import MODELS
from vid2vid.synthesis import ImageSynthesizer, Synthesizer
from vid2vid.synthesis.writers import INTERMEDIATES, MAIN, frame_pictures
from vid2vid.training import Vid2VidModule
from vid2vid.training.precision import synthesis_precision
from vid2vid.types import Frame, FrameInputs

KEPT_EVERY = 8
"""The states before frames whose number is a multiple of this are kept; frames are made again from there."""
_KEPT_RECENT = 4
_STATE_BYTES = 2**21
"""States that are larger are kept less often."""

State = dict[str, Tensor]


class StudioModel:
    """A model that makes the frames of all sessions.

    Args:
        name: Its name on the page.
        module: A video model or an image generator.
        precision: Its precision, as in `vid2vid.config.SynthesisConfig`.

    Raises:
        ConfigError: The device does not have the precision.
    """

    def __init__(self, name: str, module: Vid2VidModule | ImageModule, precision: str = "auto") -> None:
        self.name, self.module, self.condition = name, module.eval(), module.condition
        precision = synthesis_precision(precision, module.device)
        self.given, self.inside = 0, tuple[str, ...]()
        self.synthesizer: Synthesizer | ImageSynthesizer
        model, config = MODELS[module.kind], cast("Any", module.generator.config)
        self.synthesizer = resolve_name(model.synthesizer)(module, precision=precision)
        if model.first_frames:
            self.given, self.inside = config.past_frames, INTERMEDIATES


class Timeline:
    """The frames that a model has made of a video.

    A frame is made from the state that the frames before it have left, so that it is the same each time, as long as
    none of them changes.

    Args:
        model: The model.
        first: ``(1, L, 3, H, W)`` in [-1, 1], given first frames, or None.

    Attributes:
        frames: The frames so far as PNG, by their index.
    """

    def __init__(self, model: StudioModel, first: Tensor | None) -> None:
        self.model, self.frames = model, dict[int, bytes]()
        self._first = first if model.given else None
        self.given = 0 if self._first is None else model.given
        self._states: dict[int, State] = {0: {}}
        self._recent: deque[int] = deque(maxlen=_KEPT_RECENT)
        self._made: tuple[int, Frame | None] = (-1, None)

    def invalidate(self, frame: int) -> None:
        """Forget a frame and all after it: its condition has changed."""
        self.frames = {t: png for t, png in self.frames.items() if t < frame}
        self._states = {t: state for t, state in self._states.items() if t <= frame}
        if self._made[0] >= frame:
            self._made = (-1, None)

    def start(self, frame: int) -> int:
        """Return the frame from which steps are needed to make a frame."""
        return max(t for t in self._states if t <= frame)

    def _make(self, frame: int, inputs: FrameInputs, style: Style | None) -> Frame:
        synthesizer, state = self.model.synthesizer, self._states[frame]
        if isinstance(synthesizer, Synthesizer) and not state:
            synthesizer.reset(self._first)
        else:
            synthesizer.load_state(state)
        synthesizer.style = style
        return synthesizer.step(inputs.source, inputs.instance, inputs.foreground, inputs.planes)

    def trial(self, frame: int, inputs: FrameInputs, style: Style | None) -> bytes:
        """Return a frame, whose `start` is itself, in another style as PNG; nothing else changes."""
        return png(frame_pictures(self._make(frame, inputs, style), intermediates=False)[MAIN])

    def step(self, frame: int, inputs: FrameInputs, style: Style | None = None) -> None:
        """Make a frame, whose `start` is itself."""
        synthesizer, made = self.model.synthesizer, self._make(frame, inputs, style)
        self.frames[frame], self._made = png(frame_pictures(made, intermediates=False)[MAIN]), (frame, made)
        if frame not in self._recent:
            self._recent.append(frame)
        after = self._states[frame + 1] = synthesizer.state()
        kept = {*self._recent, frame + 1}
        every = KEPT_EVERY * -(-max(sum(part.nbytes for part in after.values()), 1) // _STATE_BYTES)
        self._states = {t: state for t, state in self._states.items() if t in kept or t % every == 0}

    def picture(self, frame: int, name: str) -> bytes | None:
        """Return an intermediate of a frame as PNG, by its name; None: the frame must be made again for it."""
        at, made = self._made
        return png(frame_pictures(made, intermediates=True)[name]) if at == frame and made is not None else None

    def forget(self, frame: int) -> None:
        """Forget one frame, so that it is made again, with the same result."""
        self.frames.pop(frame, None)


def png(picture: NDArray[np.uint8]) -> bytes:
    """Code an RGB picture ``(H, W, 3)`` as PNG, quickly."""
    _, data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return data.tobytes()


def pixels_of(coded: bytes) -> NDArray[np.uint8]:
    """Decode a PNG of `png`."""
    decoded = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None  # noqa: S101 - it was coded here
    return np.ascontiguousarray(decoded[..., ::-1], np.uint8)
