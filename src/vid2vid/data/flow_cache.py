"""Reference flows of a whole data set, computed once by a flow estimator and kept."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.data.crop_resize import CropResize
from vid2vid.data.manifest import VideoSequence
from vid2vid.flow import FlowEstimator
from vid2vid.flow.store import FlowStore
from vid2vid.ops import to_images
from vid2vid.video import ReaderPool

CHUNK = 16
"""Frames that a flow estimator gets at a time."""


def flow_store(sequence: VideoSequence, crop_resize: CropResize, flow_estimator_name: str, cache: Path) -> FlowStore:
    """Return where the estimated flows of a sequence are kept: one place for each estimator, file and crop_resize."""
    status = sequence.target.stat()
    identity = f"{sequence.target.resolve()}|{status.st_size}|{status.st_mtime_ns}|{sequence.start}|{sequence.frames}"
    digest = hashlib.sha256(f"{identity}|{crop_resize.key}".encode()).hexdigest()[:16]
    return FlowStore(cache / "flow" / flow_estimator_name / f"{sequence.name}-{digest}")


def fill(
    store: FlowStore,
    sequence: VideoSequence,
    crop_resize: CropResize,
    flow_estimator: FlowEstimator,
    strides: list[int],
) -> None:
    """Compute the flows of one sequence that the store does not hold yet, with a progress bar."""
    readers = ReaderPool()
    for stride in strides:
        if stride >= sequence.frames or store.has(stride):
            continue
        count = sequence.frames - stride
        bar: tqdm[Any]
        with tqdm(total=count, desc=f"flow {sequence.name}, stride {stride}", unit="frame", leave=False) as bar:
            store.write_stream(stride, count, _estimates(readers, sequence, crop_resize, flow_estimator, stride, bar))


def _estimates(
    readers: ReaderPool,
    sequence: VideoSequence,
    crop_resize: CropResize,
    flow_estimator: FlowEstimator,
    stride: int,
    bar: "tqdm[Any]",
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    for start in range(0, sequence.frames - stride, CHUNK):
        stop = min(start + CHUNK, sequence.frames - stride)
        indices = range(sequence.start + start, sequence.start + stop + stride)
        frames = crop_resize.images(readers.get(sequence.target).read(indices))
        images = to_images(torch.from_numpy(frames).permute(0, 3, 1, 2))
        flow = flow_estimator(images[: stop - start], images[stride:])
        yield flow.vectors.cpu().numpy(), flow.confidence.cpu().numpy()
        bar.update(stop - start)
