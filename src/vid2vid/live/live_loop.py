"""`run_live`: the newest frame of a source goes through F to the outputs, until it ends or somebody stops it."""

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import torch

from vid2vid.baselines import ImageModule
from vid2vid.config.live import PAGE, LiveConfig
from vid2vid.config.synthesis import PIPE
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import require
from vid2vid.export import ExportedStep
from vid2vid.files import refuse_overwriting
from vid2vid.live.figures import LiveFigures
from vid2vid.live.latest_frame import Capture
from vid2vid.live.live_conditions import LiveConditions
from vid2vid.live.live_sinks import LivePipe, LiveSink, LoopbackCamera, Recording
from vid2vid.live.live_sources import CLOCK, Captured, LiveSource, open_source
from vid2vid.synthesis.api import make_synthesizer, with_precision
from vid2vid.synthesis.computation import computing_threads
from vid2vid.synthesis.inputs import InputSource, require_least_side
from vid2vid.training import Vid2VidModule
from vid2vid.video import has_sound
from vid2vid.visual import Picture, condition_picture, to_pixels

FORGET = 10.0
"""Seconds without a frame after which F starts again: its past is then out of date."""
_STREET_FRAMES = 36_000
"""Frames of a new street: an hour at its usual rate."""


def run_live(
    module: Vid2VidModule | ImageModule | ExportedStep,
    config: LiveConfig,
    *,
    stopped: Callable[[], bool] = lambda: False,
    say: Callable[[str], None] = lambda text: None,
) -> LiveFigures:
    """Synthesise live: the source is read in a thread, and F takes the newest frame each time that it is ready.

    Args:
        module: A trained module, or an exported step of one; an image generator makes each frame on its own.
        config: The settings.
        stopped: Called while waiting for frames; returns whether to stop.
        say: Called with messages: the address of the page, breaks of the source.

    Returns:
        What was counted and measured.

    Raises:
        ConfigError: A setting does not fit the model or another setting, there is no such source, or the page cannot
            be served.
        DataError: A file cannot be read or written, the source broke and did not come back, or it shows something other
            than the condition.
        MissingExtraError: A detector, or the server of the page, is not installed.
    """
    refuse_overwriting(config.recorded, [*config.files_read(), config.source])
    config = _with_size(module, config)
    figures, end = LiveFigures(), float("inf")

    def over() -> bool:
        return stopped() or CLOCK() > end

    settings = replace(with_precision(module, config.synthesis()), frames=_STREET_FRAMES)
    inputs = InputSource(settings, module.condition, stopped=over)
    source = open_source(config, module.condition, inputs, over)
    synthesizer, _ = make_synthesizer(module, settings, inputs, None, None)
    with ExitStack() as stack:
        stack.enter_context(computing_threads(config.threads))
        picture_of = _LiveSynthesis(module, config, source.name, synthesizer, say)
        sinks = [stack.enter_context(sink) for sink in _sinks(config, source, figures, over, say)]
        end = CLOCK() + config.seconds if config.seconds else end
        latest = stack.enter_context(Capture(source, config.reconnect, say)).latest
        begin = None
        while (frame := latest.take(over)) is not None:
            begin = frame.time if begin is None else begin
            picture = picture_of(frame)
            if picture is not None:
                for sink in sinks:
                    sink.write(picture, frame.time - begin)
                figures.add(CLOCK() - frame.time, frame.time - begin)
            figures.frames, figures.dropped = latest.count, latest.dropped
    return figures


def _with_size(module: Vid2VidModule | ImageModule | ExportedStep, config: LiveConfig) -> LiveConfig:
    """Return the settings with the size of the training, where they give none and the model knows it."""
    known = module.description if isinstance(module, ExportedStep) else module.facts
    if config.height or config.width or not (known.height and known.width):
        return config
    return replace(config, height=known.height, width=known.width)


class _LiveSynthesis:
    """Synthesises the picture of each captured frame."""

    def __init__(
        self,
        module: Vid2VidModule | ImageModule | ExportedStep,
        config: LiveConfig,
        name: str,
        synthesizer: Any,  # noqa: ANN401 - of any model
        say: Callable[[str], None],
    ) -> None:
        self._condition, self._config = module.condition, config
        self._name, self._synthesizer = name, synthesizer
        device = torch.device("cpu") if isinstance(module, ExportedStep) else module.device
        if isinstance(module, ExportedStep):
            self._takes_mask = module.description.foreground == "mask"
        else:
            # an image generator has no foreground
            self._takes_mask = getattr(module.generator.config, "needs_masks", False)
        crop_resize = CropResize(config.height, config.width, tuple(config.crop), config.fit, config.mirror)
        self._conditions = LiveConditions(config, module.condition, crop_resize, device, say)
        self._beginning = synthesizer.state()
        if config.height:
            known: Any = module.description if isinstance(module, ExportedStep) else module.generator.config
            # given first frames are not made by F; an image generator has no past
            self._warm_up(1 + getattr(known, "past_frames", 0))
        self._last: tuple[float, torch.Size] | None = None

    def _warm_up(self, steps: int) -> None:
        """Make some empty frames: compilation and export, which the first frame needs, then delay no live frame."""
        shape = self._config.height, self._config.width
        require_least_side(self._name, *shape, self._synthesizer.least_side)
        source = torch.zeros(1, self._condition.source_channels, *shape, dtype=torch.uint8)
        ids = torch.zeros(1, 1, *shape, dtype=torch.int32) if self._condition.needs_instances else None
        mask = torch.zeros(1, 1, *shape, dtype=torch.uint8) if self._takes_mask else None
        for _ in range(steps):
            self._synthesizer.step(source, ids, mask)
        self._synthesizer.load_state(self._beginning)

    def __call__(self, frame: Captured) -> Picture | None:
        """Return the picture of a frame; None: a person is still being measured."""
        inputs = self._conditions(frame)
        if inputs is None:
            return None
        height, width = size = inputs.source.shape[-2:]
        require_least_side(self._name, height, width, self._synthesizer.least_side)
        if self._last is not None and (frame.time - self._last[0] > FORGET or size != self._last[1]):
            self._synthesizer.load_state(self._beginning)
        self._last = frame.time, size
        made = self._synthesizer.step(inputs.source, inputs.instance, inputs.foreground if self._takes_mask else None)
        picture = to_pixels(made.fake[0])
        if self._config.show_latency:
            _draw_latency(picture, CLOCK() - frame.time)
        if self._config.show_condition:
            picture = np.concatenate([condition_picture(self._condition, inputs.source[0]), picture], axis=1)
        return picture


def _draw_latency(picture: Picture, seconds: float) -> None:
    scale = max(0.4, picture.shape[0] / 480)
    text, at = f"{1000 * seconds:.0f} ms", (round(10 * scale), picture.shape[0] - round(10 * scale))
    thickness = max(1, round(2 * scale))
    for colour, outline in (((0, 0, 0), 2), ((255, 255, 255), 0)):
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness + outline, cv2.LINE_AA)


def _sinks(
    config: LiveConfig,
    source: LiveSource,
    figures: LiveFigures,
    stopped: Callable[[], bool],
    say: Callable[[str], None],
) -> Iterator[LiveSink]:
    """Yield the outputs, each made when the one before has begun."""
    if PIPE in config.output:
        yield LivePipe(1, stopped)
    for device in config.cameras:
        yield LoopbackCamera(device)
    for path in config.recorded:
        yield Recording(path, source.sound if source.sound and has_sound(source.sound) else None)
    if PAGE in config.output:
        for package in ("starlette", "uvicorn"):
            require(package, "studio")
        from vid2vid.live.live_page import LivePage

        def ready(address: str) -> None:
            say(f"{address} (Ctrl-C ends it)")
            if config.open:
                webbrowser.open(address)

        # visitors need not know in which folder a file lies
        title = source.sound.name if source.sound else source.name
        yield LivePage(config.host, config.port, title, figures, ready)
