"""Choosing the style of a video: one row of features for each class, the same in all frames."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.config import StyleOptions
from vid2vid.data.conditions import kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError, choose
from vid2vid.generator import Style
from vid2vid.ops import class_map, to_images
from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.training import Vid2VidModule
from vid2vid.video import stream_frames, stream_labels
from vid2vid.video.id_maps import read_labels
from vid2vid.video.images import IMAGE_ENDINGS, read_image

MEAN, RANDOM, FROM = "mean", "random", "from:"
Pixels = NDArray[np.uint8]


def choose_style(module: Vid2VidModule, options: StyleOptions, crop_resize: CropResize | None = None) -> Style | None:
    """Return the style that the options ask for; None if they ask for nothing, which means the average style.

    Args:
        module: A trained module.
        options: The options.
        crop_resize: Crop and size of the picture of ``from:PICTURE``.

    Raises:
        ConfigError: The model has no encoder, the styles are those of another model, or they, a label map or a class
            are missing or unknown.
        DataError: A file cannot be read.
    """
    if not options.asks_for_style:
        return None
    mean = module.synthesis_generator.require_encoder().mean.table.cpu()
    picture = options.style.removeprefix(FROM) if options.style.startswith(FROM) else ""
    if not picture:
        choose(options.style, (MEAN, RANDOM, f"{FROM}PICTURE"), "style")
        if options.style_labels is not None:
            raise ConfigError("style_labels is the label map of a picture: it needs style=from:PICTURE.")
    book = StyleBook.load(options.styles) if options.styles else None
    if book is not None:
        book.require_fit(module)
        mean = book.mean
    if options.style == RANDOM:
        table = _require(book, "style=random").random(options.seed).table
    elif picture:
        table = _picture_style(module, Path(picture), options.style_labels, crop_resize or CropResize()).table
    else:
        table = mean.clone()
    for label, wanted in options.style_classes.items():
        if module.condition.has_labels:
            (row,) = module.condition.label_channels([label], "style_classes")
        else:
            # a condition without labels has one class, the whole frame
            choose(label, ("all",), "style_classes")
            row = 0
        table[row] = _class_style(book, mean, row, label, wanted, options.seed)
    return Style(table)


def _require(book: StyleBook | None, what: str) -> StyleBook:
    if book is None:
        raise ConfigError(f"{what} needs styles=FILE; make one with: vid2vid styles checkpoint=... output=FILE")
    return book


def _class_style(book: StyleBook | None, mean: Tensor, row: int, label: str, wanted: object, seed: int) -> Tensor:
    """Return the features ``(d,)`` of one class."""
    if wanted == MEAN:
        return mean[row]
    if isinstance(wanted, list | tuple):
        return _given_features(label, wanted, mean.shape[1])
    known = _require(book, "style_classes")
    if wanted == RANDOM:
        return known.random(seed).table[row]
    if isinstance(wanted, bool) or not isinstance(wanted, int):
        raise ConfigError(
            f"style_classes.{known.labels[row]}={wanted}: give the number of a kind, {MEAN}, {RANDOM} or the "
            f"features themselves."
        )
    return known.centre(known.labels[row], wanted)


def _given_features(label: str, given: Sequence[object], size: int) -> Tensor:
    """Return features that are given as numbers, ``(d,)``."""
    numbers = [float(one) for one in given if isinstance(one, int | float) and -1 <= one <= 1]
    if not len(numbers) == len(given) == size:
        raise ConfigError(
            f"style_classes.{label}={list(given)}: this model's styles have {size} features, numbers in -1..1; "
            f"give as many, e.g. [{', '.join(['0.5'] * size)}]."
        )
    return torch.tensor(numbers)


def _picture_style(module: Vid2VidModule, picture: Path, labels: Path | None, crop_resize: CropResize) -> Style:
    """Read the style of a real image, or of the first frame of a video; absent classes have the average style.

    Raises:
        ConfigError: The label map is missing, or has no effect on the model's condition.
        DataError: A file cannot be read, or picture and label map differ in size.
    """
    condition = module.condition
    if (labels is None) == (condition.has_labels):
        need = "give the picture's label map: style_labels=PATH" if labels is None else "style_labels has no effect"
        raise ConfigError(f"style=from:{picture}: this model's conditions are of the kind {condition.kind!r}; {need}.")
    pixels = crop_resize.images(_first_frame(picture, read_image, stream_frames)[None])
    source: Pixels = pixels[:, None, :, :, 0]
    if labels is not None:
        readers = (read_labels, stream_labels) if condition.holds_ids else (read_image, stream_frames)
        source = kind_of(condition).planes(_first_frame(labels, *readers)[None], crop_resize, labels, range(1))
    if source.shape[-2:] != pixels.shape[1:3]:
        raise DataError(
            f"{labels}: is {source.shape[-2]} x {source.shape[-1]} (height x width), but {picture} "
            f"{pixels.shape[1]} x {pixels.shape[2]}; both must have the same size."
        )
    image = to_images(torch.from_numpy(pixels).movedim(-1, 1))[None].to(module.device)
    classes = class_map(condition, torch.from_numpy(source)[None].to(module.device))
    return Style(module.eval().synthesis_generator.require_encoder().of(image, classes).table[0].cpu())


def _first_frame(path: Path, read: Callable[[Path], Pixels], stream: Callable[[Path], Iterator[Pixels]]) -> Pixels:
    """Read an image, or the first frame of a video or folder."""
    return read(path) if path.suffix.lower() in IMAGE_ENDINGS else next(stream(path))
