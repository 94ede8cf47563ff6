"""Partial loading of weights: a training begins with those of another one that fit."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config import build
from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.generator.object_memory import MEMORY_CHANNELS
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.serialization import StoredCheckpoint, read

_AVERAGE, _GENERATOR = "average.module.", "generator."
_NOT_WEIGHTS = ("average.", "objective.", "class_colours.")
_CONDITION_LAYERS = (".condition_stem.", ".foreground_branch.stem.", "discriminators.image.")
"""Layers of which some see the encoded conditions."""


@dataclass(frozen=True)
class LoadedWeights:
    """Which weights of a checkpoint were loaded into a module, and which not.

    Attributes:
        path: The checkpoint.
        fitting: Names of the tensors that were loaded.
        missing: Tensors of the module that the checkpoint does not have.
        surplus: Tensors of the checkpoint that the module does not have.
        misshapen: Tensors of another shape: the checkpoint's shape and the module's.
    """

    path: Path
    fitting: list[str]
    missing: list[str]
    surplus: list[str]
    misshapen: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]

    @property
    def report(self) -> str:
        """A text for the user, with a line for each part that does not fit; whole networks are one part."""
        common = {*self.fitting, *self.misshapen}
        lines = [f"{self.path}: {len(self.fitting)} of {len(common) + len(self.missing)} tensors fit"]
        lines += [f"  not in it, starts untrained: {part}" for part in _parts(self.missing, common)]
        lines += [f"  in it, but not in this model: {part}" for part in _parts(self.surplus, common)]
        for name, shapes in self.misshapen.items():
            stored, own = (" x ".join(map(str, shape)) for shape in shapes)
            lines.append(f"  of another shape, starts untrained: {name} ({stored} in it, {own} here)")
        return "\n".join(lines)


def load_fitting_weights(module: AdversarialModule[Any], path: str | Path) -> LoadedWeights:
    """Load from a checkpoint whatever fits by name and shape; the rest of the module stays as it is.

    A generator begins with the running average of its weights, which synthesis uses, where the checkpoint has one. The
    weights for a new object memory, or for new planes of the condition, begin as zeros. Optional planes may be left
    out.

    Args:
        module: The module that is to be trained.
        path: A ``.ckpt`` file of any training; nothing in it is executed (weights-only).

    Raises:
        CheckpointError: The file is missing, damaged, or no checkpoint of vid2vid, none of its networks fits, or its
            channels stand for other labels.
    """
    stored = read(path)
    try:
        before = build(Condition, stored.settings["condition"], "condition")
    except ConfigError as error:
        raise CheckpointError(f"{path}: its settings do not fit this version of vid2vid: {error}") from error
    _require_same_labels(stored, before, module.condition)
    state = stored.content.get("state_dict")
    if not isinstance(state, dict):
        raise CheckpointError(f"{stored.path}: holds no weights; give a checkpoint that `vid2vid train` wrote.")
    there, own = _network_weights(state), _network_weights(module.state_dict())
    there = {name: _widened_for_memory(name, tensor, own.get(name)) for name, tensor in there.items()}
    more = module.condition.channels - before.channels
    if more and (before.extends(module.condition) or module.condition.more_planes(before)):
        there = {
            name: _fitted_to_planes(tensor, own[name], before.channels, more)
            if name in own and any(part in name for part in _CONDITION_LAYERS)
            else tensor
            for name, tensor in there.items()
        }
    common = [name for name in own if name in there]
    fitting = {name: there[name] for name in common if there[name].shape == own[name].shape}
    # biases of the last layers fit networks of any width
    if not any(tensor.ndim > 1 for tensor in fitting.values()):
        raise CheckpointError(
            f"{stored.path}: none of its weights fit: its networks are of another kind, or of other sizes (compare "
            "generator.base_channels, image.base_channels and data.kind of both trainings)."
        )
    module.load_state_dict(fitting, strict=False)
    if module.average is not None:
        module.average.module.load_state_dict(module.generator.state_dict())
    return LoadedWeights(
        stored.path,
        list(fitting),
        [name for name in own if name not in there],
        [name for name in there if name not in own],
        {name: (tuple(there[name].shape), tuple(own[name].shape)) for name in common if name not in fitting},
    )


def _require_same_labels(stored: StoredCheckpoint, before: Condition, condition: Condition) -> None:
    """Refuse weights that fit by their shape, but whose channels stand for other labels."""
    if before.channels != condition.channels or before.encodes_like(condition):
        return
    if before.has_labels or condition.has_labels:
        old, new = (
            " and ".join([str(one.label_ids) if one.has_labels else one.kind, *_further_channels(one)])
            for one in (before, condition)
        )
        raise CheckpointError(
            f"{stored.path}: its {before.channels} channels stand for other labels: {old} there, {new} here, so its "
            "weights would be taken for the wrong classes. Give data.label_ids as there, or leave init_from out."
        )


def _further_channels(condition: Condition) -> list[str]:
    """Name the channels of a condition beside those of its labels."""
    return [*(["edges of instances"] if condition.instance_edges else []), *map(str, condition.planes)]


def _network_weights(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the weights of the networks by name, of the generator the running average where there is one."""
    tensors = {name: tensor for name, tensor in state.items() if isinstance(tensor, Tensor)}
    averaged = {_GENERATOR + name.removeprefix(_AVERAGE): t for name, t in tensors.items() if name.startswith(_AVERAGE)}
    return {name: averaged.get(name, t) for name, t in tensors.items() if not name.startswith(_NOT_WEIGHTS)}


def _widened_for_memory(name: str, tensor: Tensor, own: Tensor | None) -> Tensor:
    """Append zeros for an object memory to the weights of F's layer of past frames, if only that is new."""
    if own is None or ".past_stem." not in name or tensor.ndim != 4 or own.ndim != 4:
        return tensor
    wanted = (tensor.shape[0], tensor.shape[1] + MEMORY_CHANNELS, *tensor.shape[2:])
    if own.shape != wanted:
        return tensor
    return torch.cat([tensor, tensor.new_zeros(wanted[0], MEMORY_CHANNELS, *wanted[2:])], dim=1)


def _parts(names: list[str], common: set[str]) -> list[str]:
    """Name tensors by the largest parts that hold none of the common ones, with the number of tensors in each."""
    counts = Counter(_part(name, common) for name in names)
    return [part if count == 1 else f"{part} ({count} tensors)" for part, count in counts.items()]


def _part(name: str, common: set[str]) -> str:
    steps = name.split(".")
    for i in range(1, len(steps)):
        part = ".".join(steps[:i])
        if not any(other.startswith(f"{part}.") for other in common):
            return part
    return name


def _fitted_to_planes(tensor: Tensor, own: Tensor, channels: int, more: int) -> Tensor:
    """Return the weights of a layer of encoded conditions for more or fewer planes.

    Those of new planes are zeros; those of planes that are left out, which are optional, are dropped.

    Args:
        tensor: The weights, ``(O, I, k, k)``; others are returned as they are.
        own: The weights of the layer that is to begin with them.
        channels: Number of channels of one frame's condition in the stored weights.
        more: Number of channels that are added behind them; below 0: that are dropped at the end.
    """
    frames, rest = divmod(own.shape[1] - tensor.shape[1], more) if tensor.ndim == own.ndim == 4 else (0, 0)
    if frames < 1 or rest or tensor.shape[1] % frames:
        return tensor
    old = tensor.view(tensor.shape[0], frames, -1, *tensor.shape[2:])
    zeros = old.new_zeros(*old.shape[:2], max(more, 0), *old.shape[3:])
    return torch.cat([old[:, :, : channels + min(more, 0)], zeros, old[:, :, channels:]], dim=2).flatten(1, 2)
