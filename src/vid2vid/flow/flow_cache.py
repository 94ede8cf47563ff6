"""Cache of reference flows, which an estimator computes once for each sequence."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.flow.estimator import FlowEstimator
from vid2vid.flow.store import FlowStore
from vid2vid.ops import to_images

CHUNK = 16
"""Pairs of frames that a flow estimator processes at a time."""

FORMAT = 3
"""Part of the key of each sequence; raised when this package's code changes the flows."""


def cached_flow_store(cache: Path, estimator: str, sequence: str, frames_key: str) -> FlowStore:
    """Return the store of the estimated flows of a sequence.

    Args:
        cache: The cache folder.
        estimator: Name of the flow estimator (`FlowEstimator.name`), which includes its settings and weights.
        sequence: Name of the sequence, for a readable folder name.
        frames_key: All on which the frames depend: their file, their range, crop and size.
    """
    digest = hashlib.sha256(f"{FORMAT}|{estimator}|{frames_key}".encode()).hexdigest()[:16]
    return FlowStore(cache / "flow" / estimator / f"{sequence}-{digest}")


def compute_flows(
    store: FlowStore,
    read: Callable[[range], NDArray[np.uint8]],
    frames: int,
    flow_estimator: FlowEstimator,
    strides: Iterable[int],
    sequence: str,
    device: torch.device | str = "cpu",
) -> None:
    """Compute the flows of a sequence that the store does not have yet, with a progress bar.

    Args:
        store: The store to which they are written.
        read: Reads frames of the sequence, counted from 0, as ``(N, H, W, 3)`` uint8 RGB.
        frames: Number of frames.
        flow_estimator: The estimator.
        strides: Temporal strides; those of ``frames`` or more are left out.
        sequence: Name of the sequence, for the progress bar.
        device: Where the estimator computes.
    """

    def estimated(start: int, stride: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        pairs = min(CHUNK, frames - stride - start)
        frames_read = torch.from_numpy(read(range(start, start + pairs + stride))).to(device)
        images = to_images(frames_read.permute(0, 3, 1, 2))
        flow = flow_estimator(images[:pairs], images[stride:])
        return flow.vectors.cpu().numpy(), flow.confidence.cpu().numpy()

    for stride in strides:
        count = frames - stride
        if count > 0 and not store.has(stride):
            starts = range(0, count, CHUNK)
            bar = tqdm(starts, f"flow {sequence}, stride {stride}", unit="chunk", leave=False)
            store.write_stream(stride, count, (estimated(start, stride) for start in bar))
