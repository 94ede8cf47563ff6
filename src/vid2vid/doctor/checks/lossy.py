"""Maps of ids that lossy compression has spoilt."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.data.video import is_folder, list_images, opening
from vid2vid.doctor.checks.maps import label_maps
from vid2vid.doctor.finding import Finding, error, place, warning
from vid2vid.doctor.study import Case, Stretch

LOSSLESS = ("ffv1", "png", "apng", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "qtrle", "rawvideo", "bmp", "tiff")
"""Codecs that keep ids, as FFmpeg names them."""

_MAPS = ("source", "instance", "densepose")
_THIN_IDS = 5


@dataclass(frozen=True)
class Traces:
    """What of label maps tells how they were stored.

    Attributes:
        present: ``(256,)``, which ids there are.
        solid: ``(256,)``, which of them have a pixel whose eight neighbours have the same id.
    """

    present: NDArray[np.bool_]
    solid: NDArray[np.bool_]


def traces(stretch: Stretch) -> Traces | None:
    """Look for traces of compression in the label maps of a stretch."""
    maps = label_maps(stretch)
    if maps is None:
        return None
    present, solid = np.zeros(256, bool), np.zeros(256, bool)
    for labels in maps:
        present[np.bincount(labels.ravel(), minlength=256) > 0] = True
        solid[_inside(labels)] = True
    return Traces(present, solid)


def blurred_ids(case: Case) -> Iterator[Finding]:
    """Find label maps in which ids occur only as thin lines between others, as lossy compression leaves them."""
    found = case.of(traces)
    if not found:
        return
    present = np.any([part.present for part in found], axis=0)
    thin = present & ~np.any([part.solid for part in found], axis=0)
    if thin.sum() >= _THIN_IDS and thin.sum() >= present.sum() / 3:
        yield error(
            place(case.sequence.source),
            f"{thin.sum()} of the {present.sum()} ids in the maps occur only as thin lines between others: the maps "
            "went through lossy compression (jpg, mp4) or were resized by interpolation.",
            "Export them again as PNG or with vid2vid.data.video.write_labels; resize ids by the nearest neighbour.",
        )


def lossy_files(case: Case) -> Iterator[Finding]:
    """Find maps of ids in files of a lossy kind."""
    roles = _MAPS if case.study.condition.kind == "labels" else _MAPS[1:]
    for role in roles:
        part = case.parts.get(role)
        kind = lossy_kind(part.path) if part else ""
        if part and kind:
            yield warning(
                place(part.path),
                f"holds ids ({role}) in a lossy format, {kind}: ids next to a border may have become others.",
                "Export them again without loss: PNG images, or FFV1 by vid2vid.data.video.write_labels or write_ids.",
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
    with opening(path) as (_, stream):
        context = stream.codec_context
        # x264's name for what it codes without any loss; RGB in a codec for video is hardly ever lossy
        exact = context.profile == "High 4:4:4 Predictive" or str(context.pix_fmt).startswith("gbr")
        return "" if context.name in LOSSLESS or exact else str(context.name)


def _inside(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ids of all pixels whose eight neighbours have the same id."""
    kernel = np.ones((3, 3), np.uint8)
    same = cv2.erode(labels, kernel) == cv2.dilate(labels, kernel)
    return np.asarray(labels[same], np.uint8)


def _lossy_webp(path: Path) -> bool:
    with path.open("rb") as file:
        return b"VP8 " in file.read(64)
