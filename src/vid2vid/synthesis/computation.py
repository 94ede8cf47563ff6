"""How F computes in synthesis: its precision, its threads, and whether it is compiled."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

import torch
from torch import nn

from vid2vid.generator import Generator
from vid2vid.synthesis.compilation import compiled_step
from vid2vid.training.precision import synthesis_precision

_TYPES = {"bf16": torch.bfloat16, "16": torch.float16}


class Computation:
    """The precision of a synthesis.

    Args:
        device: Where it computes.
        precision: ``auto``, ``32``, ``bf16`` or ``16`` (`SynthesisConfig`).
        compiled: Whether F is to be compiled.

    Raises:
        ConfigError: The device does not support the precision.
    """

    def __init__(self, device: torch.device, precision: str = "32", compiled: bool = False) -> None:
        self.device = device
        self.type = _TYPES.get(synthesis_precision(precision, device))
        self.compiled = compiled

    def of(self, generator: Generator) -> Generator:
        """Return the generator to compute with: a copy if it is compiled or in half precision.

        The copy holds half-precision weights: autocast would convert them again for each frame, a tenth of the time.
        """
        if self.type is None and not self.compiled:
            return generator
        network = deepcopy(generator).requires_grad_(False)
        if self.type is not None:
            full = {layer for part in network.frame.full_precision_layers() for layer in part.modules()}
            for layer in network.frame.modules():
                if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) and layer not in full:
                    layer.to(self.type)
        if self.compiled:
            network.frame.forward = compiled_step(network.frame, self.device)  # type: ignore[method-assign]
        return network

    @contextmanager
    def running(self) -> Iterator[None]:
        """Compute in this precision."""
        with torch.autocast(self.device.type, self.type, enabled=self.type is not None):
            yield


@contextmanager
def computing_threads(count: int) -> Iterator[None]:
    """Compute with a number of threads; 0: as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
