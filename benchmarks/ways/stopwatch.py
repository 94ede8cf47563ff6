"""The seconds of the parts of training steps."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from vid2vid import Vid2VidModule

PARTS = (
    *("data", "F", "stems", "D_I", "D_V", "flow_estimator", "perceptual", "backward D", "backward F", "optimisers"),
    *("average", "rest"),
)
"""The stems are F's layers that see the conditions alone; F is without them. The rest is losses above all."""
KIBIBYTES = 4  # of a page of memory


class Stopwatch(pl.Callback):
    """Sums the seconds of the parts of each step, and records the memory of the process after it.

    Args:
        module: The module to train; its parts are wrapped.
        clock: Returns seconds.
    """

    def __init__(self, module: Vid2VidModule, clock: Callable[[], float] = time.perf_counter) -> None:
        self.steps: list[dict[str, float]] = []
        self.memory: list[float] = []
        self._clock = clock
        self._parts: dict[str, float] = defaultdict(float)
        # seconds of the parts inside of each part that is running
        self._inside: list[float] = []
        self._ended = clock()
        self._wrap(module.generator, "forward", lambda: "F")
        for scale in module.spatial_scales():
            self._wrap(scale.condition_stem, "forward", lambda: "stems")
        self._wrap(module.discriminators.image, "forward", lambda: "D_I")
        for discriminator in module.discriminators.video.values():
            self._wrap(discriminator, "forward", lambda: "D_V")
        self._wrap(module, "reference", lambda: "flow_estimator")
        if module.objective.perceptual is not None:
            self._wrap(module.objective.perceptual, "forward", lambda: "perceptual")
        if module.average is not None:
            self._wrap(module.average, "update_parameters", lambda: "average")
        first = next(module.generator.parameters())
        self._wrap(module, "manual_backward", lambda: "backward F" if first.requires_grad else "backward D")

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        """Time the optimisers, which are there only now."""
        for optimizer in trainer.optimizers:
            self._wrap(optimizer, "step", lambda: "optimisers")

    def _wrap(self, owner: Any, name: str, label: Callable[[], str]) -> None:  # noqa: ANN401 - any object
        original = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            start = self._clock()
            self._inside.append(0.0)
            result = original(*args, **kwargs)
            seconds = self._clock() - start
            self._parts[label()] += seconds - self._inside.pop()
            if self._inside:
                self._inside[-1] += seconds
            return result

        setattr(owner, name, timed)

    def on_train_batch_start(self, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Record how long the step has waited for its batch."""
        self._parts.clear()
        self._parts["data"] = self._clock() - self._ended

    def on_train_batch_end(self, *args: Any) -> None:  # noqa: ANN401 - Lightning's signature
        """Record the step."""
        now = self._clock()
        parts = {**self._parts, "whole": now - self._ended}
        parts["rest"] = parts["whole"] - sum(self._parts.values())
        self.steps.append(parts)
        self.memory.append(int(Path("/proc/self/statm").read_text().split()[1]) * KIBIBYTES / 2**20)
        self._ended = self._clock()

    def median(self, part: str, warm_up: int = 2) -> float:
        """Return the median seconds of a part, without the first steps."""
        return statistics.median(step.get(part, 0.0) for step in self.steps[warm_up:])
