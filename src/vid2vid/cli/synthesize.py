"""``vid2vid synthesize``."""

import sys
from pathlib import Path
from typing import Any

from vid2vid.cli.assemble import choose_device
from vid2vid.cli.sources import split_sources
from vid2vid.config import SynthesisConfig
from vid2vid.errors import ConfigError
from vid2vid.models import MODELS
from vid2vid.synthesis import StoppedError, parts_folder, synthesize
from vid2vid.synthesis.exported_synthesizer import open_exported
from vid2vid.training import load
from vid2vid.training.stop_signal import StopSignal

_STOPPED = 128


def run(settings: SynthesisConfig) -> None:
    """Make a video from a video of conditions, or several."""
    with StopSignal().listening() as signal:
        todo = split_sources(settings)
        module = open_model(settings)
        for one in todo:
            output = None if one.output == "-" else Path(one.output)
            if one.resume and output and output.exists() and not parts_folder(output).exists():
                _say(f"{output}: is already finished; delete it to make it again")
                continue
            try:
                frames = synthesize(module, one, stopped=lambda: signal.number > 0)
            except StoppedError as stopped:
                seen = f", to be seen in {stopped.partial}" if stopped.partial else ""
                goes_on = "; resume=true goes on" if output else ""
                _say(f"vid2vid: {one.output}: stopped after {stopped.frames} frames{seen}{goes_on}")
                sys.exit(_STOPPED + signal.number)
            if output:
                print(f"{output}: {frames} frames")  # noqa: T201


def open_model(settings: SynthesisConfig) -> Any:  # noqa: ANN401 - a module of any model with a synthesizer
    """Return the exported step, or the model, that the settings name.

    Raises:
        ConfigError: The model makes no videos, or a setting does not fit it.
        CheckpointError: It cannot be read.
    """
    exported = open_exported(settings)
    if exported is not None:
        return exported
    # the other back-ends compute on a CPU
    device = choose_device(settings.device) if settings.backend == "torch" else settings.device or "cpu"
    return load_synthesizing(settings.checkpoint, device)


def load_synthesizing(checkpoint: str | Path, device: str) -> Any:  # noqa: ANN401 - a module of any model
    """Load a model that synthesises videos.

    Raises:
        ConfigError: It is a model of another kind; the message says what to do with it.
        CheckpointError: It cannot be read.
    """
    module = load(checkpoint, device=device)
    model = MODELS[module.kind]
    if not model.synthesizer:
        raise ConfigError(f"{checkpoint}: this is {model.title}. {model.instead}")
    return module


def _say(text: str) -> None:
    # the standard output may be the frames
    print(text, file=sys.stderr, flush=True)  # noqa: T201
