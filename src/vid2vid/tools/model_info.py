"""Facts about a checkpoint, a model folder or an exported step, as readable rows."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from vid2vid.config.exports import EXPORT_FORMATS
from vid2vid.export import StepDescription
from vid2vid.models import MODELS
from vid2vid.training import load
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.measured import Measured
from vid2vid.training.checkpoints.model_facts import condition_rows, model_rows, training_rows
from vid2vid.training.checkpoints.model_folder import WEIGHTS, ModelFolder

_LARGEST_STEP = 2**21
"""Pixels of the largest frame that is computed to count its operations: 1080p."""


def model_info(checkpoint: str | Path) -> dict[str, str]:
    """Return what a model is, where it was trained and its scores; unknown facts have no row.

    Args:
        checkpoint: What `vid2vid.load` takes, or a step of `vid2vid export`.

    Raises:
        CheckpointError: It is missing, damaged or something else.
    """
    path = Path(checkpoint)
    if path.suffix in EXPORT_FORMATS.values():
        return _exported(path)
    folder = ModelFolder.find(path)
    where = path if folder is None else folder.path
    # an id on the hub has been looked up already
    module: AdversarialModule[Any] = load(where)
    weights = fingerprint(module)
    size = (where if folder is None else where / WEIGHTS).stat().st_size
    facts = module.facts
    measured = Measured.beside(where, weights)
    rows = {**model_rows(module), **training_rows(facts)}
    if MODELS[module.kind].synthesizer and 0 < facts.height * facts.width <= _LARGEST_STEP:
        count = step_operations(module, facts.height, facts.width)
        rows["operations"] = f"{count / 1e9:.2f} GFLOP a frame at {facts.width} x {facts.height}"
    rows["weights"] = f"{weights.removeprefix('weights ')}, {_megabytes(size)}"
    if measured is None:
        rows["measured"] = "there are no scores of these weights; vid2vid evaluate measures them"
        return rows
    return {**rows, **measured.described()}


@torch.no_grad()
def step_operations(module: Any, height: int, width: int) -> int:  # noqa: ANN401 - of any model with a synthesizer
    """Return the floating-point operations that a frame takes; for F, of a frame that has a past.

    Args:
        module: A video model or an image generator.
        height: Rows of the frame.
        width: Columns of the frame.
    """
    synthesizer: Any = resolve_name(MODELS[module.kind].synthesizer)(module)
    condition, config = module.condition, module.generator.config
    source = torch.zeros(1, condition.source_channels, height, width, dtype=torch.uint8)

    def plane(there: bool, dtype: torch.dtype) -> Tensor | None:
        return torch.zeros(1, 1, height, width, dtype=dtype) if there else None

    masked = getattr(config, "foreground", "none") != "none" and not config.foreground_labels
    planes = torch.zeros(1, condition.plane_channels, height, width) if condition.planes else None
    given = plane(condition.needs_instances, torch.int64), plane(masked, torch.uint8), planes
    # the first frames have no past, from which the flow would be computed
    for _ in range(getattr(config, "past_frames", 0)):
        synthesizer.step(source, *given)
    with FlopCounterMode(display=False) as counter:
        synthesizer.step(source, *given)
    return int(counter.get_total_flops())


def _exported(path: Path) -> dict[str, str]:
    """Return what the description of an exported step says of it; the step itself is not opened."""
    step = StepDescription.read(path)
    files = [path, *([path.with_suffix(".bin")] if path.suffix == ".xml" else [])]
    size = sum(file.stat().st_size for file in files)
    name = next(name for name, ending in EXPORT_FORMATS.items() if ending == path.suffix)
    whole = f"multiples of {step.multiple}, made at " if step.dynamic else ""
    return {
        "model": f"one step of F, exported for {name} by vid2vid {step.vid2vid}, precision {step.precision}",
        "generator": f"spatial scales {step.scales}, past frames {step.past_frames}",
        "frames": f"{whole}{step.width} x {step.height}",
        **condition_rows(step.condition),
        "foreground": step.foreground,
        **step.known,
        "inputs": ", ".join(step.inputs),
        "outputs": ", ".join(step.outputs),
        "made from": f"{step.checkpoint[0]}, {step.weights}",
        "size": _megabytes(size),
    }


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
