"""Collecting what the objects of a data set look like."""

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError
from vid2vid.ops import class_map, object_map, to_images
from vid2vid.training import Vid2VidModule
from vid2vid.types import Clip


def collect_styles(
    module: Vid2VidModule, data: Vid2VidDataModule, frames: int = 1000, least_pixels: int = 16
) -> list[Tensor]:
    """Read the features of each object off training frames.

    Args:
        module: A trained module with an encoder.
        data: The data set; an object is an instance where it has instance maps, else all the pixels of a label.
        frames: How many frames at most, evenly spread, but for one more of each sequence.
        least_pixels: Smaller objects are left out: a few pixels at a border tell little.

    Returns:
        For each class the features ``(N, d)`` of its objects, one for each frame in which they are seen.

    Raises:
        ConfigError: The model has no encoder.
        CheckpointError: It was trained on other conditions than those of the data.
        DataError: A file cannot be read.
    """
    styles = module.eval().synthesis_generator.require_encoder()
    data.prepare_data()
    data.setup("fit")
    if module.condition.kind != data.condition.kind or module.condition.label_ids != data.condition.label_ids:
        raise CheckpointError(
            f"the model was trained on conditions of the kind {module.condition.kind!r} that differ from those of the "
            f"data ({data.condition.kind!r}); its styles are those of its own data."
        )
    found: list[list[Tensor]] = [[] for _ in range(module.condition.classes)]
    for clip in tqdm(data.training_frames(frames), desc="styles", unit="frame"):
        features, owners = _objects(module, clip.to(module.device), least_pixels)
        for one, owner in zip(features, owners, strict=True):
            found[owner].append(one)
    return [torch.stack(ones) if ones else torch.zeros(0, styles.config.features) for ones in found]


@torch.no_grad()
def _objects(module: Vid2VidModule, clip: Clip, least_pixels: int) -> tuple[Tensor, list[int]]:
    """Return the features ``(N, d)`` of the objects of a single frame, and the class of each."""
    count = module.condition.classes
    classes = class_map(module.condition, clip.source)
    objects = object_map(classes, clip.instance, count)
    painted = (
        module.synthesis_generator.require_encoder()(to_images(clip.real), classes, objects)[0, 0].flatten(1).T.cpu()
    )
    # an object has the same features all over: those of its first pixel will do
    ids, places, pixels = np.unique(objects.flatten().cpu().numpy(), return_index=True, return_counts=True)
    large = pixels >= least_pixels
    return painted[torch.from_numpy(places[large])], [int(one) % count for one in ids[large]]
