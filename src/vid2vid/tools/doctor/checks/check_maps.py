"""Checks of maps and masks: ids that lossy compression has changed, maps that show nothing, and missing maps."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.data.planes import PlaneFrames, plane_path
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, FrameRun
from vid2vid.tools.doctor.checks.check_labels import label_maps, label_shares
from vid2vid.tools.doctor.finding import Finding, error, note, place, warning
from vid2vid.video import is_folder, list_images, open_container

LOSSLESS = ("ffv1", "png", "apng", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "qtrle", "rawvideo", "bmp", "tiff")
"""Codecs that keep ids, as FFmpeg names them."""

_ALIKE = 2
"""Of its eight neighbours, how many a pixel at the end of a thin line shares its id with."""
_MIXED_IDS, _MIXED_PART = 3, 0.2
_SCATTERED_IDS, _SCATTERED_PART = 12, 0.5

_WITHOUT = {
    "foreground": "F's foreground prior (generator.foreground) would have nothing to tell apart",
    "instance": "F would be shown no borders and no motion of objects (data.instance_edges, data.object_motion)",
    "densepose": "the channels of the DensePose map would tell F nothing (condition.densepose)",
}
"""For each role of maps how a training suffers without them."""


def id_traces(run: FrameRun) -> NDArray[np.int64] | None:
    """Count in label maps the pixels of each id that show how the maps were stored.

    Returns:
        ``(3, 256)``: the pixels of each id; those that have a lower and a higher id among their neighbours, as
        interpolation makes them at every border; those that at most two of their eight neighbours share the id with, as
        compression scatters them round borders. None if there are no label maps.
    """
    maps = label_maps(run)
    if maps is None:
        return None
    counts, kernel = np.zeros((3, 256), np.int64), np.ones((3, 3), np.uint8)
    for ids in maps:
        between = (cv2.erode(ids, kernel) < ids) & (ids < cv2.dilate(ids, kernel))
        height, width = ids.shape
        padded = np.pad(ids, 1, mode="edge")
        windows = (padded[y : y + height, x : x + width] for y in range(3) for x in range(3))
        # each pixel is alike with itself, too
        alone = sum((window == ids).astype(np.uint8) for window in windows) <= _ALIKE + 1
        counts += [np.bincount(pixels, minlength=256) for pixels in (ids.ravel(), ids[between], ids[alone])]
    return counts


def spoilt_ids(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find label maps with ids that interpolation or compression has made.

    The limits were found on real maps of a street and on rendered ones: as they are, none is suspected at any size down
    to 64 x 32; all are that were resized by interpolation (to 128 x 64 or more) or coded as JPEG or H.264.
    """
    found = sequence.of(id_traces)
    if not found:
        return
    pixels, between, alone = np.sum(found, axis=0)
    present = int((pixels > 0).sum())
    mixed = int((between > 0.9 * pixels).sum())
    scattered = int((alone > 0.5 * pixels).sum())
    where, advice = place(sequence.entry.source), "Export them again as PNG or with vid2vid.video.write_labels"
    if mixed >= max(_MIXED_IDS, _MIXED_PART * present):
        yield error(
            where,
            f"{mixed} of the {present} ids in the maps occur only at borders between a lower and a higher one: they "
            "were resized by interpolation.",
            f"{advice}, resized with nearest neighbour.",
        )
    elif scattered >= max(_SCATTERED_IDS, _SCATTERED_PART * present):
        yield warning(
            where,
            f"{scattered} of the {present} ids in the maps occur only as scattered pixels: the maps seem to have gone "
            "through lossy compression (jpg, mp4) once.",
            f"{advice}, from before the compression.",
        )


def lossy_files(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find maps of ids in files of a lossy format."""
    labels = ("source",) if sequence.dataset.condition.has_labels else ()
    for role in (*labels, "instance", "densepose"):
        file = sequence.files.get(role)
        kind = lossy_kind(file.path) if file else ""
        if file and kind:
            yield warning(
                place(file.path),
                f"holds ids ({role}) in a lossy format, {kind}: ids next to a border may have changed.",
                "Export them again without loss: PNG images, or FFV1 by vid2vid.video.write_labels or write_ids.",
            )


def lossy_kind(path: Path) -> str:
    """Name the lossy format of a video or of a folder of images; empty where it is lossless.

    Raises:
        VideoError: It cannot be read.
    """
    if is_folder(path):
        image = list_images(path)[0]
        kind = image.suffix.lower().lstrip(".")
        if kind == "webp":
            with image.open("rb") as file:
                return kind if b"VP8 " in file.read(64) else ""
        return kind if kind in ("jpg", "jpeg") else ""
    with open_container(path) as (_, stream):
        context = stream.codec_context
        # x264's name for what it codes without any loss; RGB in a codec for video is hardly ever lossy
        exact = context.profile == "High 4:4:4 Predictive" or str(context.pix_fmt).startswith("gbr")
        return "" if context.name in LOSSLESS or exact else str(context.name)


def value_range(role: str, run: FrameRun) -> NDArray[np.int64] | None:
    """Return the smallest and the largest value of each map in a role, ``(2, N)``."""
    maps = run.ids() if role == "instance" else run.pictures(role)
    if maps is None:
        return None
    # of a foreground mask one colour channel counts, of a DensePose map part, u and v together
    values = (maps[..., 0] if role == "foreground" else maps)[run.again :].reshape(len(maps) - run.again, -1)
    return np.stack([values.min(axis=1), values.max(axis=1)]).astype(np.int64)


RANGES = {role: partial(value_range, role) for role in _WITHOUT}
"""The measures of the ranges of values, by role."""


def empty_masks(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find masks and maps that have one value everywhere."""
    for role, measure in RANGES.items():
        ranges = sequence.of(measure)
        lows, highs = np.concatenate(ranges, axis=1) if ranges else np.zeros((2, 0), np.int64)
        flat = lows == highs
        if not flat.any():
            continue
        where, values = place(getattr(sequence.entry, role)), ", ".join(map(str, np.unique(lows[flat])[:3]))
        if flat.all():
            yield (error if _needed(sequence, role) else warning)(
                where,
                f"the {role} maps are {values} everywhere in all frames that were looked at: {_WITHOUT[role]}.",
                f"Make the maps again, or leave {role} out of the data set.",
            )
        else:
            yield note(where, f"the {role} maps are {values} everywhere in {flat.mean():.0%} of the frames looked at.")


def missing_maps(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find maps that the settings need and a sequence does not have."""
    for role, loss in _WITHOUT.items():
        if _needed(sequence, role) and getattr(sequence.entry, role) is None:
            yield error(
                place(sequence.entry.target),
                f"{sequence.where} has no {role} maps, but the settings need them: without them {loss}.",
                "Add the maps to the data set, or change the setting.",
            )


def wrong_planes(sequence: CheckedSequence) -> Iterator[Finding]:
    """Find planes that do not fit the real frames, or that hold one number everywhere.

    Raises:
        DataError: One is missing, cannot be read, or holds a number out of range.
    """
    target = sequence.files.get("target")
    for plane in sequence.dataset.condition.planes:
        path = plane_path(sequence.entry, plane)
        if path is None:
            continue
        reader = PlaneFrames(path, plane)
        found = len(reader), (reader.height, reader.width)
        if target is not None and found != (target.frames, target.size):
            yield error(
                place(path),
                f"the plane {plane.name!r} has {found[0]} frames of {found[1][1]} x {found[1][0]}, but "
                f"{place(target.path)} has {target.frames} of {target.size[1]} x {target.size[0]}.",
                "They must show the same frames: export one of them again.",
            )
            continue
        values = [reader.read(run.frames) for run in sequence.runs()]
        if values and min(map(np.min, values)) == max(map(np.max, values)):
            yield warning(
                place(path),
                f"the plane {plane.name!r} is {values[0].min():g} everywhere in all frames that were looked at.",
                "F learns nothing from it: check that it was exported correctly.",
            )


def foreground_labels(dataset: CheckedDataset) -> Iterator[Finding]:
    """Find out whether the labels that are the foreground occur.

    Raises:
        ConfigError: One is not a label of the condition.
    """
    labels = dataset.generator.foreground_labels
    if dataset.generator.foreground == "none" or not labels:
        return
    channels = dataset.condition.label_channels(labels, "generator.foreground_labels")
    train = label_shares(dataset, "train")
    if train.any() and not train[channels].any():
        yield warning(
            dataset.where,
            f"none of generator.foreground_labels={list(labels)} occurred in the training frames that were looked at.",
            "Choose labels that do occur and that move by themselves, such as cars and people.",
        )


def _needed(sequence: CheckedSequence, role: str) -> bool:
    """Tell whether a training with these settings uses a map."""
    generator, condition = sequence.dataset.generator, sequence.dataset.condition
    if role == "foreground":
        return generator.foreground != "none" and not generator.foreground_labels
    return condition.needs_instances if role == "instance" else condition.densepose
