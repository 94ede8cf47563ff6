"""The segmenter of synthesised frames: a network of the user, or a small one that is trained for the data set."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn
from tqdm import tqdm

from vid2vid.data.clips import Window
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import NOT_WEIGHTS, ConfigError, why
from vid2vid.files import write_bytes
from vid2vid.metrics.metric_networks import load_torchscript
from vid2vid.metrics.segmentation import IGNORED, Segmentation
from vid2vid.ops import to_images
from vid2vid.video import file_key

TRAIN = "train"
"""The value of the setting ``segmenter`` that trains a small network."""
STEPS, BATCH = 600, 4
"""Number of training batches, and of frames in each."""
FILE_NAME = "segmenter.pt"
FORMAT = 3
"""Version of the key of a stored segmenter; to be raised when the code trains another one on the same data."""


class _Convolutions(nn.Sequential):
    """Two 3 x 3 convolutions with batch norm, the first of which may halve the resolution."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        layers: list[nn.Module] = []
        for source, step in ((inputs, stride), (outputs, 1)):
            layers += [nn.Conv2d(source, outputs, 3, step, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        super().__init__(*layers)


class Segmenter(nn.Module):
    """A U-Net (Ronneberger et al., 2015) of four resolutions, which sees one frame at a time.

    Args:
        classes: Number of classes.
        channels: Channels of the finest resolution; the coarser ones have two, three and four times as many.
        inputs: Channels of the images.
    """

    def __init__(self, classes: int, channels: int = 8, inputs: int = 3) -> None:
        super().__init__()
        self.classes = classes
        widths = [channels * (depth + 1) for depth in range(4)]
        pairs = list(pairwise(widths))
        # two more for the coordinates of the pixel: the sky is above, the road below
        self.stem = _Convolutions(inputs + 2, channels)
        self.down = nn.ModuleList(_Convolutions(fine, coarse, stride=2) for fine, coarse in pairs)
        self.up = nn.ModuleList(_Convolutions(coarse + fine, fine) for fine, coarse in reversed(pairs))
        self.head = nn.Conv2d(channels, classes, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits ``(N, classes, H, W)`` of images ``(N, 3, H, W)`` in [-1, 1]."""
        axes = (torch.linspace(-1, 1, size, dtype=images.dtype, device=images.device) for size in images.shape[-2:])
        coordinates = torch.stack(torch.meshgrid(*axes, indexing="ij")).expand(len(images), -1, -1, -1)
        features = self.stem(torch.cat([images, coordinates], dim=1))
        finer = []
        for down in self.down:
            finer.append(features)
            features = down(features)
        for up, skip in zip(self.up, reversed(finer), strict=True):
            large = nnf.interpolate(features, size=skip.shape[-2:], mode="bilinear", align_corners=False)
            features = up(torch.cat([large, skip], dim=1))
        logits: Tensor = self.head(features)
        return logits

    @torch.no_grad()
    def segment(self, images: Tensor) -> Tensor:
        """Return the class indices ``(N, H, W)`` of images ``(N, 3, H, W)`` in [-1, 1]."""
        indices: Tensor = self(images).argmax(1)
        return indices


def train_segmenter(
    segmenter: Segmenter,
    batches: Iterable[tuple[Tensor, Tensor]],
    steps: int,
    learning_rate: float = 1e-2,
    ignored: int = IGNORED,
) -> list[float]:
    """Train a segmenter on the cross entropy, with AdamW and a one-cycle learning rate (Smith & Topin, 2018).

    Classes are weighted by the inverse square root of their share of the pixels so far. Without weights, classes of
    small objects are never predicted.

    Args:
        segmenter: The network, which is trained in place; the batches must lie on its device.
        batches: Pairs of images ``(N, 3, H, W)`` in [-1, 1] and class indices ``(N, H, W)``, at least ``steps``.
        steps: Number of batches to train on.
        learning_rate: The highest learning rate.
        ignored: The index of pixels that do not count.

    Returns:
        The loss of each step.

    Raises:
        ValueError: There are fewer batches than steps.
    """
    optimizer = torch.optim.AdamW(segmenter.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    losses: list[float] = []
    seen = torch.zeros(segmenter.classes, device=next(segmenter.parameters()).device)
    segmenter.train()
    for _, (images, classes) in zip(range(steps), batches, strict=False):
        classes = classes.long()
        seen += torch.bincount(classes[classes != ignored], minlength=len(seen))
        weights = seen.clamp(min=1).rsqrt()
        loss = nnf.cross_entropy(segmenter(images), classes, weights, ignore_index=ignored)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    segmenter.eval()
    if len(losses) < steps:
        raise ValueError(f"{steps} steps need as many batches, but there were {len(losses)}")
    return losses


def load_segmenter(
    segmenter: str, data: Vid2VidDataModule, folder: Path, device: torch.device | str = "cpu"
) -> Segmentation | None:
    """Return the segmenter for the labels of a data set.

    Args:
        segmenter: ``train``, the path of a TorchScript file, or empty: none.
        data: The data set, set up.
        folder: Where a trained one is stored, to be reused with the same training frames, labels and size.
        device: Where it computes.

    Raises:
        ConfigError: The conditions are not labels, or the file holds no network.
    """
    if not segmenter:
        return None
    condition = data.condition
    if not condition.has_labels:
        raise ConfigError(
            f"segmenter={segmenter}: the conditions are of the kind {condition.kind!r}, not labels; leave it out."
        )
    if segmenter != TRAIN:
        return load_torchscript(segmenter, "segmenter", TRAIN).to(device).eval()
    path, trained_on = folder / FILE_NAME, _trained_on(data)
    network = Segmenter(len(condition.label_ids))
    if not _restore(network, trained_on, path):
        network = network.to(device)
        bar = tqdm(_training_batches(data, STEPS, device), "train the segmenter", STEPS, unit="batch")
        train_segmenter(network, bar, STEPS)
        memory = BytesIO()
        torch.save({"trained_on": trained_on, "state_dict": network.state_dict()}, memory)
        write_bytes(path, memory.getvalue())
    return network.to(device).eval().segment


def _trained_on(data: Vid2VidDataModule) -> str:
    """Return a digest of the data and settings that a trained segmenter depends on."""
    sequences = [(file_key(s.target), file_key(s.source), s.start, s.frames) for s in data.train_set.sequences]
    key = [FORMAT, STEPS, BATCH, list(data.condition.label_ids), data.crop_resize.key, sequences]
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()


def _restore(network: Segmenter, trained_on: str, path: Path) -> bool:
    """Load the stored weights, if they were trained on the same data; return whether they were."""
    if not path.is_file():
        return False
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content.get("trained_on") != trained_on:
            return False
        network.load_state_dict(content["state_dict"])
    except NOT_WEIGHTS as error:
        raise ConfigError(
            f"{path}: is not a segmenter that an evaluation kept ({why(error)}); delete it, and one is trained again."
        ) from error
    return True


def _training_batches(
    data: Vid2VidDataModule, steps: int, device: torch.device | str
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield pairs of training frames ``(N, 3, H, W)`` and label maps ``(N, H, W)``, drawn at random."""
    generator = torch.Generator().manual_seed(0)
    lengths = [sequence.frames for sequence in data.train_set.sequences]
    for _ in range(steps):
        chosen = torch.randint(len(lengths), (BATCH,), generator=generator).tolist()
        times = [int(torch.randint(lengths[i], (), generator=generator)) for i in chosen]
        clips = [data.train_set[Window(i, t, 1)].to(device) for i, t in zip(chosen, times, strict=True)]
        yield (
            torch.cat([to_images(clip.real)[0] for clip in clips]),
            torch.cat([clip.source[0, :, 0] for clip in clips]),
        )
