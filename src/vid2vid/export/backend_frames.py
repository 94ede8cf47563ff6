"""`BackendFrames`: F's steps in another back-end than torch, exported as soon as the size of the frames is known."""

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vid2vid.config import ExportConfig
from vid2vid.errors import ConfigError, require
from vid2vid.export.exported_step import ExportedStep
from vid2vid.export.step_description import StepDescription
from vid2vid.export.step_export import export_step
from vid2vid.files import cache_folder
from vid2vid.generator import Past, Style
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.types import Frame

_EXTRAS = {"onnxruntime": "onnx", "openvino": "openvino"}


class BackendFrames:
    """Makes frames as `vid2vid.generator.Generator.step` does, one video of a batch after the other.

    Exported steps are kept in the folder ``exports`` of the cache; other weights, settings, sizes and versions have
    other files there.

    Args:
        module: A trained module on the CPU.
        backend: ``onnxruntime`` or ``openvino``.
        precision: Numbers of the convolutions, ``32``; with OpenVINO also ``bf16`` and ``16``.

    Raises:
        ConfigError: The module is on another device, or the back-end does not have the precision.
        MissingExtraError: A package is not installed; the message names the extra.
    """

    def __init__(self, module: Vid2VidModule, backend: str, precision: str = "32") -> None:
        for package in ("onnx", "onnxscript", backend):
            require(package, _EXTRAS[backend])
        if module.device.type != "cpu":
            raise ConfigError(f"backend={backend} computes on the CPU: give device=cpu.")
        if backend == "onnxruntime" and precision != "32":
            raise ConfigError(f"precision={precision}: backend=onnxruntime computes in float32 on a CPU.")
        self._module, self._backend, self._precision = module, backend, precision
        self._steps: dict[tuple[int, int, bool], ExportedStep] = {}
        self._label_ids = torch.tensor(module.condition.label_ids or range(256), dtype=torch.uint8)

    def __call__(
        self, window: Tensor, instance: Tensor | None, past: Past | None, foreground: Tensor | None, style: Style | None
    ) -> Frame:
        """Make the next frame.

        Args:
            window: ``(B, L + 1, S, H, W)`` uint8, the conditions s_{t-L} .. s_t as in `vid2vid.types.Clip`.
            instance: ``(B, L + 1, 1, H, W)`` object ids, if they are a part of the condition; with motion
                of objects those of one frame more.
            past: The past of each scale, ``(B, L, 3, h, w)``; None: it is empty.
            foreground: ``(B, 1, H, W)`` uint8, a soft mask, which goes before the foreground labels.
            style: The style of the objects; None: the average one.

        Returns:
            The frame with all its parts.

        Raises:
            ConfigError: F needs a foreground mask, and there is none.
        """
        generator = self._module.synthesis_generator
        masked = foreground is not None and generator.config.foreground != "none"
        step = self._step(window.shape[-2], window.shape[-1], masked)
        if step.description.foreground == "mask" and foreground is None:
            # tells what is missing
            self._module.foreground(window, None)
        given = {f"past_{i}": one for i, one in enumerate(generator.past(window[:, :1].float(), past))}
        given["conditions"] = self._label_ids[window.long()]
        if instance is not None:
            given["instance"] = instance.to(torch.int32)
        if foreground is not None:
            given["foreground"] = foreground
        if generator.styles is not None:
            table = (style or generator.styles.mean).table
            given["style"] = table if table.ndim == 3 else table.expand(len(window), -1, -1)
        wanted = [name for name in step.description.inputs if name != "no_past"]
        frames = []
        for i in range(len(window)):
            rows = {name: given[name][i] if name == "style" else given[name][i : i + 1] for name in wanted}
            arrays = {name: np.ascontiguousarray(one.numpy()) for name, one in rows.items()}
            frames.append(_frame(step({**arrays, "no_past": np.array([past is None])})))
        return Frame.of(torch.cat(parts) for parts in zip(*(frame.tensors for frame in frames), strict=True))

    def _step(self, height: int, width: int, foreground_mask: bool) -> ExportedStep:
        """Return the step for a size, which is exported if it is not in the cache yet."""
        key = height, width, foreground_mask
        if key not in self._steps:
            path = self._cached(*key)
            if not StepDescription.path_of(path).is_file():
                config = ExportConfig(Path(), path, height=height, width=width, foreground_mask=foreground_mask)
                export_step(self._module, config)
            self._steps[key] = ExportedStep(path, self._backend, torch.get_num_threads(), self._precision)
        return self._steps[key]

    def _cached(self, *size: int) -> Path:
        module = self._module
        settings = [asdict(module.condition), asdict(module.generator.config), fingerprint(module), *size]
        versions = [version(package) for package in ("vid2vid", "torch", "onnx", "onnxscript")]
        digest = hashlib.sha256(json.dumps([*settings, *versions]).encode()).hexdigest()[:16]
        return cache_folder() / "exports" / f"{digest}.onnx"


def _frame(made: dict[str, np.ndarray]) -> Frame:
    """Return the outputs of a step as a frame."""
    tensors = {name: torch.from_numpy(one) for name, one in made.items()}
    *coarser, fake = (one[:, -1] for name, one in tensors.items() if name.startswith("next_past_"))
    return Frame.of([fake, *(tensors[name] for name in ("hallucinated", "warped", "flow", "mask")), *coarser])
