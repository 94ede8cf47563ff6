"""`LabelEncoder`: a network that brings rough label maps to plausible ones, and its training on rough maps."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.typing import NDArray
from torch import Tensor, nn

from vid2vid.config import AugmentConfig
from vid2vid.data.editing import LabelChange, filled, followed
from vid2vid.evaluation.segmenter import Segmenter
from vid2vid.ops import instance_edges, one_hot

ROUGH = AugmentConfig(sketch_objects=0.4, move_borders=2, coarse_labels=9)
"""How rough the maps of the training are, at a height of 64 pixels."""

_SURE = 4.0  # the logit of a pixel's own label: a network that is not trained changes nothing
_REACH = 0.1  # a pixel takes only labels that are nearer than this part of the height
_HOLES = 0.3  # share of the objects in whose mirror images holes are made
_LARGEST_OBJECT = 1 / 8
_BATCH = 8

Labels = NDArray[np.uint8]
Ids = NDArray[np.int32]


class LabelEncoder(nn.Module):
    """Brings rough shapes of labels to plausible ones before F sees them: a box becomes the outline of a car.

    A U-Net that sees one map at a time, and the borders between its objects. It moves borders and invents nothing: a
    pixel takes only labels that are near it. Before training it changes nothing.

    Args:
        classes: How many classes C there are.
        channels: Of the finest resolution of the network.
    """

    def __init__(self, classes: int, channels: int = 16) -> None:
        super().__init__()
        self.classes = classes
        self.network = Segmenter(classes, channels, inputs=classes + 1)
        nn.init.zeros_(self.network.head.weight)

    def forward(self, labels: Tensor, instance: Tensor) -> Tensor:
        """Return logits.

        Args:
            labels: ``(N, 1, H, W)`` class indices.
            instance: ``(N, 1, H, W)`` object ids.

        Returns:
            ``(N, C, H, W)``.
        """
        maps = one_hot(labels, self.classes)
        logits: Tensor = _SURE * maps + self.network(torch.cat([maps, instance_edges(instance)], dim=1))
        return logits

    @torch.no_grad()
    def refined(self, labels: Labels, ids: Ids) -> tuple[Labels, Ids]:
        """Return a plausible map for a rough one; a pixel takes only labels that are near it.

        Args:
            labels: ``(H, W)`` class indices.
            ids: ``(H, W)`` object ids, which follow the labels.
        """
        given, instance = (torch.from_numpy(np.ascontiguousarray(each))[None, None] for each in (labels, ids))
        reach = max(round(_REACH * labels.shape[0]), 1)
        near = nnf.max_pool2d(one_hot(given, self.classes), 2 * reach + 1, stride=1, padding=reach) > 0
        after: Labels = self(given, instance).masked_fill(~near, -torch.inf)[0].argmax(0).byte().numpy()
        moved = followed(labels, after, ids)
        return after, ids if moved is None else moved


def train_encoder(
    encoder: LabelEncoder, labels: Labels, ids: Ids, steps: int, augment: AugmentConfig = ROUGH, seed: int = 0
) -> list[float]:
    """Train a encoder to find maps again that were made rough; AdamW, the learning rate of one cycle.

    Args:
        encoder: The network, which is trained in place.
        labels: ``(N, H, W)`` class indices of maps as they should be.
        ids: ``(N, H, W)`` their object ids.
        steps: Number of batches.
        augment: How rough maps get.
        seed: Seed of what is drawn.

    Returns:
        The loss of each step, a cross-entropy.
    """
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 3e-3, total_steps=steps, pct_start=0.2, anneal_strategy="linear"
    )
    losses: list[float] = []
    encoder.train()
    for rough, objects, wanted in islice(_batches(labels, ids, augment, np.random.default_rng(seed)), steps):
        loss = nnf.cross_entropy(encoder(rough, objects), wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    encoder.eval()
    return losses


def _batches(
    labels: Labels, ids: Ids, augment: AugmentConfig, random: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield rough maps, their object ids, and the maps as they should be, each mirrored or not."""
    while True:
        maps = []
        for index in random.integers(len(labels), size=_BATCH):
            step = int(random.choice((-1, 1)))
            label, own = labels[index, :, ::step].copy(), ids[index, :, ::step].copy()
            maps.append((*roughened(label, own, augment, random), label))
        rough_maps, objects, wanted = (torch.from_numpy(np.stack(each)) for each in zip(*maps, strict=True))
        yield rough_maps[:, None], objects[:, None], wanted.long()


def roughened(labels: Labels, ids: Ids, augment: AugmentConfig, random: np.random.Generator) -> tuple[Labels, Ids]:
    """Return a map as a user might draw it: changed at random, and filled where something seems to have been taken out.

    Args:
        labels: ``(H, W)`` class indices.
        ids: ``(H, W)`` object ids.
        augment: How rough it gets.
        random: Source of the random numbers.
    """
    numbers, first, counts = np.unique(ids, return_index=True, return_counts=True)
    _, label, objects = np.unique(labels.ravel()[first], return_inverse=True, return_counts=True)
    single = numbers[(objects[label] > 1) & (counts < _LARGEST_OBJECT * ids.size)]
    # in the mirror images of objects, where these are likely, but nothing that was really hidden
    hole = np.isin(ids, single[random.random(len(single)) < _HOLES])[:, ::-1] & ~np.isin(ids, single)
    labels, kept = filled(labels, ids, hole)
    ids = ids if kept is None else kept
    changed, moved, _ = LabelChange(augment, int(random.integers(2**32)))(labels[None, None], ids[None, None])
    return changed[0, 0], ids if moved is None else moved[0, 0]
