"""Segmenters, which find labels in frames: the user's own network, or a small one that is trained and kept."""

import hashlib
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.data.clips import Window
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import NOT_WEIGHTS, ConfigError, why
from vid2vid.evaluation.labels import Segmentation
from vid2vid.files import write_bytes
from vid2vid.metrics import Segmenter, train_segmenter
from vid2vid.ops import to_images
from vid2vid.video import file_key

TRAIN = "train"
STEPS = 300
"""Batches that one is trained on."""
BATCH = 4
CACHE_NAME = "segmenter.pt"
FORMAT = 2
"""Part of the key of a kept segmenter; raised when this package's code trains another one on the same data."""


def load_segmentation(
    segmenter: str, data: Vid2VidDataModule, cache: Path, device: torch.device | str = "cpu"
) -> Segmentation | None:
    """Return who finds the labels of a data set.

    Args:
        segmenter: ``train``, the path of a TorchScript file, or empty: nobody.
        data: The data set, set up.
        cache: Folder in which a trained one is kept; it is used again on the same training frames, labels and size.
        device: Where it computes.

    Raises:
        ConfigError: The conditions are no labels, or the file holds no network.
    """
    if not segmenter:
        return None
    condition = data.condition
    if not condition.has_labels:
        raise ConfigError(f"segmenter={segmenter}: the conditions are of the kind {condition.kind!r}, not labels.")
    if segmenter != TRAIN:
        return _torchscript(Path(segmenter), device)
    network = Segmenter(len(condition.label_ids)).to(device)
    kept = cache / CACHE_NAME
    trained_on = _trained_on(data)
    if not _restored(network, trained_on, kept):
        bar = tqdm(_batches(data, STEPS, device), "train the segmenter", STEPS, unit="batch")
        train_segmenter(network, bar, STEPS)
        memory = BytesIO()
        torch.save({"trained_on": trained_on, "state_dict": network.state_dict()}, memory)
        write_bytes(kept, memory.getvalue())
    return network.eval().segment


def _torchscript(path: Path, device: torch.device | str) -> Segmentation:
    if not path.is_file():
        raise ConfigError(f"segmenter={path}: no such file. Name a TorchScript file, or {TRAIN!r}.")
    try:
        network: Segmentation = torch.jit.load(path, map_location=device).eval()  # type: ignore[no-untyped-call]
    except NOT_WEIGHTS as error:
        raise ConfigError(f"segmenter={path}: not a TorchScript file ({why(error)}).") from error
    return network


def _batches(data: Vid2VidDataModule, steps: int, device: torch.device | str) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield pairs of training frames and label maps, drawn at random."""
    generator = torch.Generator().manual_seed(0)
    lengths = [sequence.frames for sequence in data.train_set.sequences]
    for _ in range(steps):
        chosen = torch.randint(len(lengths), (BATCH,), generator=generator).tolist()
        places = [int(torch.randint(lengths[i], (), generator=generator)) for i in chosen]
        clips = [data.train_set[Window(i, t, 1)].to(device) for i, t in zip(chosen, places, strict=True)]
        yield (
            torch.cat([to_images(clip.real)[0] for clip in clips]),
            torch.cat([clip.source[0, :, 0] for clip in clips]),
        )


def _trained_on(data: Vid2VidDataModule) -> str:
    """Return a digest of all that a trained segmenter depends on."""
    sequences = [(file_key(s.target), file_key(s.source), s.start, s.frames) for s in data.train_set.sequences]
    key = [FORMAT, STEPS, BATCH, list(data.condition.label_ids), data.crop_resize.key, sequences]
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()


def _restored(network: Segmenter, trained_on: str, path: Path) -> bool:
    """Load the weights that were kept, if they were trained on the same data."""
    if not path.is_file():
        return False
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content.get("trained_on") != trained_on:
            return False
        network.load_state_dict(content["state_dict"])
    except NOT_WEIGHTS as error:
        raise ConfigError(f"{path}: is no segmenter that was kept ({why(error)}); remove it.") from error
    return True
