"""The contact sheet of the doctor: clips of a data set as a training will see them."""

from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np
from torch import Tensor

from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.data.data_sources import ManifestSource
from vid2vid.data.manifest import Manifest
from vid2vid.errors import Vid2VidError
from vid2vid.ops import to_images
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence
from vid2vid.types import Clip, Flow
from vid2vid.visual import (
    Picture,
    condition_picture,
    contact_sheet,
    flow_picture,
    mask_picture,
    plane_pictures,
    to_pixels,
)

SEQUENCES = 3
"""Number of sequences that are drawn."""
COLUMNS = 8
"""Number of frames of each."""
WIDTH = 192
"""Width in pixels up to which pictures are drawn; larger ones are made smaller."""

_UNTRUSTED = 96
_SAMPLES = 100_000


def draw_sheet(dataset: CheckedDataset) -> Picture | None:
    """Draw a training clip of each of the first sequences that can be read.

    The rows are the condition, the real frames and, where there are any, planes, objects, the foreground and the
    reference flow from each frame to the one before: its direction as hue, its length as brightness, grey where it is
    not trusted.

    Returns:
        ``(H, W, 3)`` uint8, or None if no sequence can be read; the findings tell why.
    """
    sheets: list[Picture] = []
    for sequence in dataset.split("train"):
        if len(sheets) == SEQUENCES:
            break
        # why a sequence cannot be read is a finding already
        with suppress(Vid2VidError):
            sheets.append(_sheet(dataset, training_clip(sequence)))
    width = max((sheet.shape[1] for sheet in sheets), default=0)
    padded = [np.pad(sheet, ((0, 0), (0, width - sheet.shape[1]), (0, 0)), constant_values=255) for sheet in sheets]
    return np.concatenate(padded) if padded else None


def training_clip(sequence: CheckedSequence) -> Clip:
    """Load a clip of a sequence as a training would: cut, framed and augmented by a `Vid2VidDataModule`.

    Raises:
        DataError: A file of it cannot be used.
    """
    dataset, frames = sequence.dataset, min(sequence.dataset.loader.clip_frames, sequence.entry.frames)
    loader = replace(dataset.loader, clip_frames=frames, clip_double_every=0, batch_size=1, num_workers=0)
    # a data set must hold something out: the sequence itself
    held_out = replace(sequence.entry, name=f"{sequence.entry.name}-val", split="val")
    alone = Manifest(dataset.manifest.condition, [replace(sequence.entry, split="train"), held_out])
    data_module = Vid2VidDataModule(ManifestSource(alone), loader, dataset.data_module.flow_estimator)
    data_module.setup("fit")
    clip: Clip = next(iter(data_module.train_dataloader()))
    return clip


def _sheet(dataset: CheckedDataset, clip: Clip) -> Picture:
    rows = {
        "condition": [condition_picture(dataset.condition, planes) for planes in clip.source[0]],
        "real": [to_pixels(image) for image in to_images(clip.real[0])],
    }
    if clip.planes is not None:
        pictures = [plane_pictures(dataset.condition, values) for values in clip.planes[0]]
        rows |= {plane.name: [one[plane.name] for one in pictures] for plane in dataset.condition.planes}
    if clip.instance is not None:
        rows["objects"] = [_ids_picture(ids) for ids in clip.instance[0]]
    if clip.foreground is not None:
        rows["foreground"] = [mask_picture(mask / 255) for mask in clip.foreground[0]]
    flow = _flow_pictures(dataset, clip)
    if flow:
        rows["flow"] = [np.full_like(rows["real"][0], 255), *flow]
    size = f"{clip.real.shape[-1]} x {clip.real.shape[-2]}"
    small = {name: [_fitted(picture) for picture in pictures] for name, pictures in rows.items()}
    return contact_sheet(small, COLUMNS, f"{clip.names[0]}   {size}")


def _flow_pictures(dataset: CheckedDataset, clip: Clip) -> list[Picture]:
    """Draw the reference flow of a clip's frames but the first; nothing if there is no flow estimator."""
    if 1 in clip.flows:
        flow = Flow(clip.flows[1].vectors[0], clip.flows[1].confidence[0])
    else:
        images = to_images(clip.real[0])
        try:
            flow = dataset.flow_estimator(images[:-1], images[1:])
        except Vid2VidError:
            # a check of the motion has reported it
            return []
    # less than a pixel is noise of the flow estimator
    lengths = flow.vectors.norm(dim=1).flatten()
    largest = max(1.0, float(lengths[:: max(1, len(lengths) // _SAMPLES)].quantile(0.95)))
    pictures = []
    for vectors, confidence in zip(flow.vectors, flow.confidence, strict=True):
        picture = flow_picture(vectors, largest)
        picture[confidence[0].cpu().numpy() < 0.5] = _UNTRUSTED
        pictures.append(picture)
    return pictures


def _ids_picture(ids: Tensor) -> Picture:
    """Paint object ids ``(1, H, W)`` in colours that differ, 0 in black."""
    numbers = ids[0].cpu().numpy().astype(np.uint32)
    # multiples of large odd numbers lie far apart
    colours = np.stack([numbers * factor >> 8 & 255 for factor in (40503, 30011, 52361)], axis=-1)
    painted: Picture = np.where(numbers[..., None] == 0, 0, 64 + colours * 3 // 4).astype(np.uint8)
    return painted


def _fitted(picture: Picture) -> Picture:
    height, width = picture.shape[:2]
    if width <= WIDTH:
        times = WIDTH // width
        return picture.repeat(times, axis=0).repeat(times, axis=1)
    size = WIDTH, max(1, round(height * WIDTH / width))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
