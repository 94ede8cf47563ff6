"""The style of a real picture."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError
from vid2vid.generator import Style
from vid2vid.ops import class_map, to_images
from vid2vid.training import Vid2VidModule
from vid2vid.video import stream_frames, stream_labels
from vid2vid.video.id_maps import read_labels
from vid2vid.video.images import IMAGE_ENDINGS, read_image

Pixels = NDArray[np.uint8]


def read_style(
    module: Vid2VidModule, picture: Path, labels: Path | None = None, crop_resize: CropResize | None = None
) -> Style:
    """Return the style of a real picture.

    Args:
        module: A trained module with an encoder.
        picture: An image, or a video whose first frame is taken.
        labels: Its label map, if the module's conditions are labels.
        crop_resize: Part and size of it that is used, best the size that the model was trained at.

    Returns:
        A table ``(R, d)``; classes that it does not show are as the model remembers them on average.

    Raises:
        ConfigError: There is no label map, or one that is of no use, or the model has no encoder.
        DataError: A file cannot be read, or the two differ in size.
    """
    crop_resize, condition = crop_resize or CropResize(), module.condition
    if (labels is None) == (condition.has_labels):
        need = "give the picture's label map: style_labels=PATH" if labels is None else "style_labels is of no use"
        raise ConfigError(f"style=from:{picture}: this model's conditions are of the kind {condition.kind!r}; {need}.")
    pixels = crop_resize.images(_first(picture, read_image, stream_frames)[None])
    source: NDArray[np.uint8] = pixels[:, None, :, :, 0]
    if labels is not None:
        frame = _first(labels, *((read_labels, stream_labels) if condition.holds_ids else (read_image, stream_frames)))
        source = kind_of(condition).planes(frame[None], crop_resize, labels, range(1))
    if source.shape[-2:] != pixels.shape[1:3]:
        raise DataError(
            f"{labels}: is {source.shape[-2]} x {source.shape[-1]} (height x width), but {picture} "
            f"{pixels.shape[1]} x {pixels.shape[2]}."
        )
    image = to_images(torch.from_numpy(pixels).movedim(-1, 1))[None].to(module.device)
    classes = class_map(condition, torch.from_numpy(source)[None].to(module.device))
    return Style(module.eval().synthesis_generator.require_encoder().of(image, classes).table[0].cpu())


def _first(path: Path, read: Callable[[Path], Pixels], stream: Callable[[Path], Iterator[Pixels]]) -> Pixels:
    """Return an image, or the first frame of a video or folder."""
    return read(path) if path.suffix.lower() in IMAGE_ENDINGS else next(stream(path))
