"""Who finds labels in frames: a network of the user's, or a small one that is trained for it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.condition import Condition
from vid2vid.data.clips import Window
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import NOT_WEIGHTS, ConfigError, why
from vid2vid.evaluation.labels import Segmentation
from vid2vid.files import write_bytes
from vid2vid.metrics import Segmenter, train_segmenter
from vid2vid.ops import to_images

TRAIN = "train"
STEPS = 300
"""Batches that one is trained on."""
BATCH = 4
CACHE_NAME = "segmenter.pt"


def load_segmentation(
    segmenter: str, data: Vid2VidDataModule, cache: Path, device: torch.device | str = "cpu"
) -> Segmentation | None:
    """Return who finds the labels of a data set.

    Args:
        segmenter: ``train``, the path of a TorchScript file, or empty: nobody.
        data: The data set, set up.
        cache: Folder in which a trained one is kept, and found again as long as the labels are the same.
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
    if not _restored(network, condition, kept):
        bar = tqdm(_batches(data, STEPS, device), "train the segmenter", STEPS, unit="batch")
        train_segmenter(network, bar, STEPS)
        _keep(network, condition, kept)
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


def _restored(network: Segmenter, condition: Condition, path: Path) -> bool:
    """Load the weights that were kept, if they were trained on the same labels."""
    if not path.is_file():
        return False
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content["label_ids"] != list(condition.label_ids):
            return False
        network.load_state_dict(content["state_dict"])
    except NOT_WEIGHTS as error:
        raise ConfigError(f"{path}: is no segmenter that was kept ({why(error)}); remove it.") from error
    return True


def _keep(network: Segmenter, condition: Condition, path: Path) -> None:
    memory = BytesIO()
    torch.save({"label_ids": list(condition.label_ids), "state_dict": network.state_dict()}, memory)
    write_bytes(path, memory.getvalue())
