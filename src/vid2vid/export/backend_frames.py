"""`BackendFrames`: F's steps in another back-end than torch, exported as soon as the size of the frames is known."""

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor

from vid2vid.config import ExportConfig
from vid2vid.digests import content_digest
from vid2vid.errors import ConfigError, require
from vid2vid.export.exported_step import ExportedStep
from vid2vid.export.step_description import StepDescription
from vid2vid.export.step_export import export_step
from vid2vid.export.step_frames import StepFrames
from vid2vid.files import cache_folder
from vid2vid.generator import Past, Style
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.types import ConditionWindow, Frame

_EXTRAS = {"onnxruntime": "onnx", "openvino": "openvino"}


class BackendFrames:
    """Makes frames as `vid2vid.generator.Generator.step` does, one video of a batch after the other.

    Exported steps are kept in the folder ``exports`` of the cache, one file for each combination of weights, settings,
    size and versions.

    Args:
        module: A trained module on the CPU.
        backend: ``onnxruntime`` or ``openvino``.
        precision: Precision of the convolutions, ``32``; with OpenVINO also ``bf16`` and ``16``.

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
            raise ConfigError(
                f"precision={precision}: backend=onnxruntime computes in float32 on a CPU; leave precision out."
            )
        self._module, self._backend, self._precision = module, backend, precision
        self._steps: dict[tuple[int, int, bool], StepFrames] = {}

    def __call__(
        self,
        window: ConditionWindow,
        past: Past | None,
        foreground: Tensor | None,
        style: Style | None,
        memory: Tensor | None = None,
    ) -> Frame:
        """Make the next frame.

        Args:
            window: The conditions s_{t-L} .. s_t of B videos, as for `StepFrames.inputs`.
            past: The past of each scale, ``(B, L, 3, h, w)``; None: it is empty.
            foreground: ``(B, 1, H, W)`` uint8, a soft mask, which takes precedence over the foreground labels.
            style: The style of the objects; None: the average one.
            memory: ``(B, 4, H, W)``, the painted memory of the objects (`ObjectMemory.paint`), if F has one.

        Returns:
            The frame with all its parts.

        Raises:
            ConfigError: F needs a foreground mask, and there is none.
        """
        generator = self._module.synthesis_generator
        masked = foreground is not None and generator.config.foreground != "none"
        frames_of = self._frames(window.source.shape[-2], window.source.shape[-1], masked)
        if frames_of.step.description.foreground == "mask" and foreground is None:
            # raises an error that says what is missing
            self._module.foreground(window.source, None)
        videos = len(window.source)
        tables = None if style is None else style.table.expand(videos, -1, -1)
        frames = []
        for i in range(videos):
            one = slice(i, i + 1)
            mask, painted = (None if part is None else part[one] for part in (foreground, memory))
            own = None if past is None else [images[one] for images in past]
            frames.append(frames_of(window[one], own, mask, None if tables is None else Style(tables[i]), painted))
        return Frame.of(torch.cat(parts) for parts in zip(*(frame.tensors for frame in frames), strict=True))

    def _frames(self, height: int, width: int, foreground_mask: bool) -> StepFrames:
        """Return the maker of frames of a size; its step is exported unless it is in the cache."""
        key = height, width, foreground_mask
        if key not in self._steps:
            path = self._cached(*key)
            if not StepDescription.path_of(path).is_file():
                config = ExportConfig(Path(), path, height=height, width=width, foreground_mask=foreground_mask)
                export_step(self._module, config)
            step = ExportedStep(path, self._backend, torch.get_num_threads(), self._precision)
            self._steps[key] = StepFrames(step)
        return self._steps[key]

    def _cached(self, *size: int) -> Path:
        module, sources = self._module, Path(__file__).parents[1]
        settings = [asdict(module.condition), asdict(module.generator.config), fingerprint(module), *size]
        # in a checkout the version stays while the sources change
        code = content_digest(sources, sorted(sources.rglob("*.py")))
        versions = [version(package) for package in ("torch", "onnx", "onnxscript")]
        digest = hashlib.sha256(json.dumps([*settings, code, *versions]).encode()).hexdigest()[:16]
        return cache_folder() / "exports" / f"{digest}.onnx"
