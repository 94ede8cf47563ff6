"""Maps of ids that lossy compression has spoilt."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.tools.doctor.checks.maps import label_maps
from vid2vid.tools.doctor.finding import Finding, error, place, warning
from vid2vid.tools.doctor.study import Case, Stretch
from vid2vid.video import is_folder, list_images, open_container

LOSSLESS = ("ffv1", "png", "apng", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "qtrle", "rawvideo", "bmp", "tiff")
"""Codecs that keep ids, as FFmpeg names them."""

_MAPS = ("source", "instance", "densepose")
_IDS = 256
_ALIKE = 2
"""Of its eight neighbours, how many a pixel at the end of a thin line shares its id with."""
_MIXED_IDS, _MIXED_PART = 3, 0.2
_SCATTERED_IDS, _SCATTERED_PART = 12, 0.5


@dataclass(frozen=True)
class Traces:
    """What of label maps tells how they were stored: pixels of each id, ``(256,)``.

    Attributes:
        all: Of all places.
        between: Where a lower and a higher id are among the neighbours: interpolation makes such at every border.
        alone: Of whose eight neighbours at most two have the same id: compression scatters such round borders.
    """

    all: NDArray[np.int64]
    between: NDArray[np.int64]
    alone: NDArray[np.int64]


def traces(stretch: Stretch) -> Traces | None:
    """Look for traces of compression and interpolation in the label maps of a stretch."""
    maps = label_maps(stretch)
    if maps is None:
        return None
    rows = np.sum([[_counted(part) for part in (m.ravel(), m[_between(m)], m[_alone(m)])] for m in maps], axis=0)
    return Traces(*rows)


def spoilt_ids(case: Case) -> Iterator[Finding]:
    """Find label maps with ids that interpolation or compression has made.

    The limits were found on real maps of a street and on rendered ones: as they are, none is suspected at any size down
    to 64 x 32; all are that were resized by interpolation (to 128 x 64 or more) or coded as JPEG or H.264.
    """
    found = case.of(traces)
    if not found:
        return
    pixels, between, alone = (np.sum([getattr(p, name) for p in found], axis=0) for name in ("all", "between", "alone"))
    present = int((pixels > 0).sum())
    mixed = int((between > 0.9 * pixels).sum())
    scattered = int((alone > 0.5 * pixels).sum())
    where, advice = place(case.sequence.source), "Export them again as PNG or with vid2vid.video.write_labels"
    if mixed >= max(_MIXED_IDS, _MIXED_PART * present):
        yield error(
            where,
            f"{mixed} of the {present} ids in the maps occur only at borders between a lower and a higher one: they "
            "were resized by interpolation.",
            f"{advice}, resized by the nearest neighbour.",
        )
    elif scattered >= max(_SCATTERED_IDS, _SCATTERED_PART * present):
        yield warning(
            where,
            f"{scattered} of the {present} ids in the maps occur only as scattered pixels: the maps seem to have gone "
            "through lossy compression (jpg, mp4) once.",
            f"{advice}, from before the compression.",
        )


def lossy_files(case: Case) -> Iterator[Finding]:
    """Find maps of ids in files of a lossy kind."""
    roles = _MAPS if case.study.condition.has_labels else _MAPS[1:]
    for role in roles:
        part = case.parts.get(role)
        kind = lossy_kind(part.path) if part else ""
        if part and kind:
            yield warning(
                place(part.path),
                f"holds ids ({role}) in a lossy format, {kind}: ids next to a border may have become others.",
                "Export them again without loss: PNG images, or FFV1 by vid2vid.video.write_labels or write_ids.",
            )


def lossy_kind(path: Path) -> str:
    """Name the lossy format of a video or of a folder of images; empty where it is lossless.

    Raises:
        VideoError: It cannot be read.
    """
    if is_folder(path):
        image = list_images(path)[0]
        lossy = image.suffix.lower() in (".jpg", ".jpeg") or (image.suffix.lower() == ".webp" and _lossy_webp(image))
        return image.suffix.lower().lstrip(".") if lossy else ""
    with open_container(path) as (_, stream):
        context = stream.codec_context
        # x264's name for what it codes without any loss; RGB in a codec for video is hardly ever lossy
        exact = context.profile == "High 4:4:4 Predictive" or str(context.pix_fmt).startswith("gbr")
        return "" if context.name in LOSSLESS or exact else str(context.name)


def _counted(labels: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bincount(labels, minlength=_IDS)


def _between(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which pixels have a lower and a higher id among their neighbours."""
    kernel = np.ones((3, 3), np.uint8)
    return np.asarray((cv2.erode(labels, kernel) < labels) & (labels < cv2.dilate(labels, kernel)), np.bool_)


def _alone(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which pixels share their id with few of their eight neighbours."""
    height, width = labels.shape
    round_it = np.pad(labels, 1, mode="edge")
    places = ((y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1))
    alike = sum((round_it[y : y + height, x : x + width] == labels).astype(np.uint8) for y, x in places)
    return np.asarray(alike <= _ALIKE, np.bool_)


def _lossy_webp(path: Path) -> bool:
    with path.open("rb") as file:
        return b"VP8 " in file.read(64)
