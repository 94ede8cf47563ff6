"""Short names of weights: other weights have another."""

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vid2vid.training.adversarial_module import AdversarialModule


def fingerprint(module: AdversarialModule[Any]) -> str:
    """Return a short name of the weights that synthesise."""
    return f"weights {tensors_digest(module.synthesis_generator.state_dict())}"


def tensors_digest(tensors: Mapping[str, Tensor], *texts: str) -> str:
    """Return 16 hexadecimal digits that change with any bit, shape or name of the tensors, and with the texts."""
    digest = hashlib.sha256("|".join(texts).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"|{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]
