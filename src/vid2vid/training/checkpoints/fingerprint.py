"""Short names of weights: other weights have another."""

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vid2vid.training.adversarial_module import AdversarialModule


def fingerprint(module: AdversarialModule[Any], half: bool = False) -> str:
    """Return a short name of the weights that synthesise.

    Args:
        module: The module.
        half: Whether to name what becomes of them when they are stored in float16.
    """
    state = module.synthesis_generator.state_dict()
    if half:
        state = {name: each.half().float() if each.is_floating_point() else each for name, each in state.items()}
    return f"weights {tensors_digest(state)}"


def tensors_digest(tensors: Mapping[str, Tensor], *texts: str) -> str:
    """Return 16 hexadecimal digits that change with any bit, shape or name of the tensors, and with the texts."""
    digest = hashlib.sha256("|".join(texts).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"|{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]
