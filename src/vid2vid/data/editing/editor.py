"""Edits at work: label maps in, changed label maps out, frame by frame."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.editing.edit import ALL, Edit
from vid2vid.data.editing.surroundings import Id, Labels, filled
from vid2vid.errors import ConfigError


class LabelEditor:
    """Changes the label maps of a video, a frame at a time; one edit after the other.

    Convention:
        A label that becomes another takes that label's object id with it, where all of the other is one object, as a
        sky or a road is; otherwise its objects keep their own ids.

    Args:
        condition: What stands in the maps.
        edits: What is changed.

    Raises:
        ConfigError: The condition has no labels, or not one that is named; the message names the nearest.
    """

    def __init__(self, condition: Condition, edits: Sequence[Edit]) -> None:
        if edits and not condition.has_labels:
            raise ConfigError(
                f"edit: labels are edited, but this model's condition is of the kind {condition.kind!r} and has none."
            )
        self.edits = [(edit, _channel(condition, edit.what), _channel(condition, edit.into)) for edit in edits]

    def __call__(
        self, planes: NDArray[np.uint8], ids: NDArray[Id] | None, frame: int
    ) -> tuple[NDArray[np.uint8], NDArray[Id] | None]:
        """Change one frame.

        Args:
            planes: ``(1, H, W)`` uint8, class indices as a clip carries them (`vid2vid.types.Clip.source`).
            ids: ``(H, W)`` or ``(1, H, W)`` object ids, or None.
            frame: Which frame of the video it is, from 0.

        Returns:
            The planes and ids of the same shapes, as edited; those given stay as they are.

        Raises:
            ConfigError: A region lies outside of the frame.
        """
        labels = planes[0]
        objects = None if ids is None else ids.reshape(labels.shape)
        for edit, what, into in self.edits:
            if edit.concerns(frame):
                labels, objects = _changed(labels, objects, _concerned(labels, edit, what), into)
        return labels[None], ids if ids is None or objects is None else objects.reshape(ids.shape)


def _channel(condition: Condition, label: str) -> int | None:
    if label in (ALL, ""):
        return None
    return condition.label_channels([label], "edit: label")[0]


def _concerned(labels: Labels, edit: Edit, what: int | None) -> NDArray[np.bool_]:
    mask = np.ones(labels.shape, bool) if what is None else labels == what
    if edit.region:
        top, left, bottom, right = edit.region
        if bottom > labels.shape[0] or right > labels.shape[1]:
            raise ConfigError(
                f"edit: the region {list(edit.region)} (top, left, bottom, right) lies outside of the frames, which "
                f"are synthesised at {labels.shape[0]} x {labels.shape[1]}."
            )
        inside = np.zeros(labels.shape, bool)
        inside[top:bottom, left:right] = True
        mask &= inside
    return mask


def _changed(
    labels: Labels, ids: NDArray[Id] | None, mask: NDArray[np.bool_], into: int | None
) -> tuple[Labels, NDArray[Id] | None]:
    if into is None:
        return filled(labels, ids, mask)
    if ids is not None:
        objects = np.unique(ids[(labels == into) & ~mask])
        ids = np.where(mask, objects[0], ids) if len(objects) == 1 else ids
    return np.where(mask, np.uint8(into), labels), ids
