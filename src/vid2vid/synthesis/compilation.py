"""F compiled by torch.compile, with a cache of its own that a killed process cannot spoil."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from filelock import FileLock
from torch import Tensor, nn

from vid2vid.errors import ConfigError, why
from vid2vid.files import cache_folder
from vid2vid.generator.scale import ScaleGenerator
from vid2vid.types import Frame

_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"


def compiled_step(network: nn.Module, device: torch.device) -> Callable[..., Frame]:
    """Return F's forward pass, compiled at the first inputs of each size.

    On a GPU the step is recorded as a CUDA graph.

    Args:
        network: F for one time step; its weights must not change afterwards.
        device: Where it computes.
    """
    on_gpu = device.type == "cuda"
    for part in network.modules():
        if isinstance(part, ScaleGenerator):
            # its sizes differ from frame to frame, and F would be compiled for each of them
            part.look_up = torch.compiler.disable(part.look_up)  # type: ignore[no-untyped-call]
    compiled = torch.compile(network.forward, dynamic=False, options={"triton.cudagraphs": on_gpu})
    seen: set[object] = set()

    def step(
        source: Any,  # noqa: ANN401 - whatever the form of F takes
        past: list[Tensor],
        foreground: Tensor | None = None,
        hallucinate: bool = False,
        memory: Tensor | None = None,
    ) -> Frame:
        signature = (hallucinate, foreground is None, *(images.shape for images in past))
        if signature in seen:
            frame: Frame = compiled(source, past, foreground, hallucinate, memory)
        else:
            with _own_cache():
                try:
                    frame = compiled(source, past, foreground, hallucinate, memory)
                except (RuntimeError, OSError) as error:
                    raise ConfigError(
                        f"compile=true: F could not be compiled ({why(error)}). It needs a C++ compiler such as g++; "
                        "the synthesis also works without compile=true."
                    ) from error
            seen.add(signature)
        # the next run of a CUDA graph overwrites what this one returned
        return Frame.of(part.clone() for part in frame.tensors) if on_gpu else frame

    return step


@contextmanager
def _own_cache() -> Iterator[None]:
    """Let torch keep compiled code in a folder for this version of torch, one process at a time.

    A process that is killed while it compiles leaves broken libraries behind, on which the next one would fail. A file
    in the folder therefore marks a compilation in progress: the next process that holds the lock and finds this file
    empties the folder.
    """
    folder = cache_folder() / "compiled" / f"torch-{torch.__version__}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    before = os.environ.get(_VARIABLE)
    with FileLock(f"{folder}.lock"):
        unfinished = folder / "unfinished"
        if unfinished.exists():
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        unfinished.touch()
        os.environ[_VARIABLE] = str(folder)
        try:
            yield
        finally:
            os.environ.pop(_VARIABLE)
            if before is not None:
                os.environ[_VARIABLE] = before
        unfinished.unlink(missing_ok=True)
