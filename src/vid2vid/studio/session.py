"""A visitor's session, with a video of conditions, its edits and its frames; and all sessions together."""

import asyncio
import ctypes
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid.config import StyleOptions, SynthesisConfig
from vid2vid.config.studio import StudioConfig
from vid2vid.data.editing.edited_planes import edited_planes, one_frame
from vid2vid.errors import ConfigError
from vid2vid.generator import Style
from vid2vid.studio.carrying import CarriedLayer, Layer
from vid2vid.studio.painted_edits import ObjectChange, PaintedEdits
from vid2vid.studio.session_video import SessionVideo
from vid2vid.studio.timeline import StudioModel, Timeline
from vid2vid.synthesis.inputs import InputSource, require_least_side
from vid2vid.synthesis.rendered_street import with_street_size
from vid2vid.synthesis.retarget import Person
from vid2vid.synthesis.styles import choose_style
from vid2vid.synthesis.synthesizer import Synthesizer
from vid2vid.types import FrameInputs
from vid2vid.visual import condition_picture

ClassStyle = int | list[float]
"""The style of a class: the number of a kind, or the features themselves."""


class Session:
    """The video, the edits and the frames of one visitor.

    Args:
        models: The models; the first one's condition is edited.
        config: The settings of the studio.

    Attributes:
        id: Its name, which cannot be guessed.
        folder: Its files.
        timelines: The frames of each model.
        uploading: Held while one of its files is written.
        used: When it was last used, in seconds of `time.monotonic`.
        left: Whether its page was closed or is being reloaded.
        style_classes: The styles of classes that differ from the average style.
    """

    def __init__(self, models: Sequence[StudioModel], config: StudioConfig) -> None:
        self.id = secrets.token_urlsafe(24)
        self.models, self.config = models, config
        self._files = TemporaryDirectory(prefix="vid2vid-studio-")
        self.folder = Path(self._files.name)
        self.used, self.left = time.monotonic(), False
        # edits are read by the thread of the models and by those that pack files
        self._lock = RLock()
        self.uploading = asyncio.Lock()
        self.video: SessionVideo | None = None
        self.edits = PaintedEdits(models[0].condition)
        self.timelines: list[Timeline] = []
        self.style_classes: dict[str, ClassStyle] = {}
        self._style: Style | None = None
        self.settings = SynthesisConfig(checkpoint=config.checkpoint, output="")

    def close(self) -> None:
        """Remove its files."""
        self._files.cleanup()

    def open(self, given: SynthesisConfig) -> None:
        """Open a source; the edits of the source before are dropped.

        Keypoints are extracted from a video of a face or a person, as for a training.

        Raises:
            ConfigError: There is no source, or a setting does not fit the model.
            DataError: A file cannot be read, or nobody is seen in it.
            MissingExtraError: A detector is not installed.
        """
        model = self.models[0]
        if isinstance(given.source, Path) and self.takes_recordings and model.condition.from_keypoints:
            found = Person.find(model.condition, given.source, str(self.folder / "extracted"))
            given = replace(given, source=found.files[0])
        given = with_street_size(given, model.module)
        inputs = InputSource(given, model.condition)
        video = SessionVideo(inputs, given.frames)
        first = None
        if isinstance(model.synthesizer, Synthesizer):
            first = inputs.first_frames(model.given)
        require_least_side(inputs.source, *video.size, model.synthesizer.least_side)
        self.video, self.settings = video, given
        self.edits = PaintedEdits(model.condition)
        self.style_classes, self._style = {}, None
        self.timelines = [Timeline(one, first if one.given == model.given else None) for one in self.models]

    @property
    def opened(self) -> SessionVideo:
        """The video.

        Raises:
            ConfigError: There is none yet.
        """
        if self.video is None:
            raise ConfigError("there is no video yet: give a source first.")
        return self.video

    @property
    def takes_recordings(self) -> bool:
        """Whether the condition can be made from a camera's pictures."""
        condition = self.models[0].condition
        return condition.kind == "edges" or (condition.from_keypoints and not condition.appended)

    @property
    def brushes(self) -> list[dict[str, object]]:
        """What can be painted: the value in the map, its name and colour; empty: such conditions cannot be painted."""
        condition = self.models[0].condition
        if condition.has_labels:
            values, names = range(len(condition.label_ids)), condition.class_names
        elif condition.source_channels == 1 and not condition.from_keypoints:
            values, names = range(0, 256, 255), ["ground", "line"]
        else:
            return []
        colours = [condition_picture(condition, np.full((1, 1, 1), value, np.uint8))[0, 0].tolist() for value in values]
        return [
            {"value": value, "name": name, "colour": colour}
            for value, name, colour in zip(values, names, colours, strict=True)
        ]

    def condition(self, frame: int, own_layer: bool = True) -> tuple[NDArray[np.uint8], NDArray[np.int32] | None]:
        """Return the edited condition of a frame, ``(S, H, W)``, and its object ids ``(H, W)``."""
        with self._lock:
            inputs = self.opened[frame]
            ids = None if inputs.instance is None else inputs.instance[0, 0].numpy().astype(np.int32)
            return self.edits.apply(inputs.source[0].numpy(), ids, frame, own_layer)

    def step_towards(self, timeline: Timeline, frame: int) -> None:
        """Make a frame from the edited conditions, or the first missing frame that it depends on.

        A frame that exists is kept: another request of the session may have made it in the meantime.
        """
        if frame in timeline.frames:
            return
        frame = timeline.start(frame)
        # styles are those of the first model
        timeline.step(frame, self.inputs(frame), self._style if timeline is self.timelines[0] else None)

    def inputs(self, frame: int) -> FrameInputs:
        """Return the edited inputs of a frame."""
        (edited, ids), opened = self.condition(frame), self.opened[frame]
        before = opened.source.numpy(), None if opened.instance is None else opened.instance.numpy()
        return replace(
            opened,
            source=torch.from_numpy(np.ascontiguousarray(edited))[None],
            instance=None if ids is None else torch.from_numpy(np.ascontiguousarray(ids))[None, None],
            planes=edited_planes(self.models[0].condition, opened.planes, before, one_frame(edited, ids)),
        )

    def trial(self, frame: int, classes: dict[str, ClassStyle]) -> bytes | None:
        """Return a frame of the first model in another style as PNG, from the past as it is; None: its past is missing.

        Raises:
            ConfigError: There is no such class or kind, or its features are not those of this model.
        """
        timeline = self.timelines[0]
        if timeline.start(frame) != frame:
            return None
        return timeline.trial(frame, self.inputs(frame), self._styled(classes))

    def set_style(self, classes: dict[str, ClassStyle]) -> None:
        """Replace the styles of the classes; those that are not named have the average style.

        Raises:
            ConfigError: There is no such class or kind, or its features are not those of this model.
        """
        self._style, self.style_classes = self._styled(classes), dict(classes)
        self.timelines[0].invalidate(0)

    def _styled(self, classes: dict[str, ClassStyle]) -> Style | None:
        if not classes:
            return None
        synthesizer = self.models[0].synthesizer
        if not isinstance(synthesizer, Synthesizer):
            raise ConfigError("this model has no encoder of styles.")
        return choose_style(synthesizer.module, StyleOptions(styles=self.config.styles, style_classes=classes))

    def paint(self, layer: Layer | None, frame: int) -> None:
        """Replace the layer that was painted on a frame; None removes it."""
        with self._lock:
            before = self.edits.layers.pop(frame, None)
            if layer is not None:
                self.edits.layers[frame] = CarriedLayer(layer, self.opened.flow)
        concerned = [one.first for one in (layer, before and before.layer) if one]
        if concerned:
            self.invalidate(min(concerned))

    def set_rules(self, lines: Sequence[str], objects: Sequence[ObjectChange]) -> None:
        """Replace the lines of edits and the objects that become another label.

        Raises:
            ConfigError: A line is no edit that fits the condition.
        """
        with self._lock:
            self.edits.set_rules(lines, objects)
        self.invalidate(0)

    def invalidate(self, frame: int) -> None:
        """Forget a frame and all after it."""
        for timeline in self.timelines:
            timeline.invalidate(frame)


def give_back_memory() -> None:
    """Let glibc return freed memory to the system; it would keep the fragments of many frames and states."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


@dataclass
class Sessions:
    """All sessions: a limited number at once, each until nobody has used it for a while.

    Attributes:
        models: The models.
        config: The settings.
    """

    models: Sequence[StudioModel]
    config: StudioConfig

    def __post_init__(self) -> None:
        """Begin without sessions."""
        self._open: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._open)

    def begin(self) -> Session:
        """Return a new session; if all places are taken, it replaces one whose page was left.

        Raises:
            ConfigError: All places are taken by pages that are open.
        """
        self.sweep()
        # keeps no reference to a session, so that its memory can be freed
        left = {one.used: one.id for one in self._open.values() if one.left}
        if left and len(self._open) >= self.config.visitors:
            self.end(left[min(left)])
        if len(self._open) >= self.config.visitors:
            raise ConfigError(
                f"the studio is full: {len(self._open)} visitors are in it. A place becomes free when one of them "
                f"leaves, or does nothing for {self.config.minutes:g} minutes."
            )
        session = Session(self.models, self.config)
        self._open[session.id] = session
        return session

    def find(self, name: str) -> Session | None:
        """Return a session and count it as used; None: there is no such session."""
        session = self._open.get(name)
        if session is not None:
            session.used, session.left = time.monotonic(), False
        return session

    def resume(self, name: str, reloaded: bool) -> Session | None:
        """Return the session of a page that has come back; None: it is over, or another page is using it.

        Args:
            name: The session.
            reloaded: Whether the page was reloaded, so that there is no other.
        """
        session = self._open.get(name)
        return self.find(name) if session is not None and (session.left or reloaded) else None

    def end(self, name: str) -> None:
        """Forget a session and its files, if it is there."""
        session = self._open.pop(name, None)
        if session is not None:
            session.close()
            del session
            give_back_memory()

    def sweep(self) -> None:
        """Forget the sessions that nobody has used for long."""
        now = time.monotonic()
        for name in [name for name, one in self._open.items() if now - one.used > 60 * self.config.minutes]:
            self.end(name)

    def close(self) -> None:
        """Forget all sessions."""
        for name in list(self._open):
            self.end(name)
