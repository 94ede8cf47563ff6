"""`LabelEditor`: changes the label maps of a video frame by frame."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.editing.edit import ALL, Edit
from vid2vid.data.editing.label_shapes import Id, filled
from vid2vid.errors import ConfigError


class LabelEditor:
    """Applies edits to the label maps of a video, frame by frame and one edit after the other.

    Convention:
        A label that becomes another one takes over its object id if the other label is a single object, such as a sky
        or a road; otherwise the changed objects keep their ids.

    Args:
        condition: The condition of the maps.
        edits: The edits, in order.

    Attributes:
        without_effect: The edits that have not changed a pixel so far.

    Raises:
        ConfigError: The condition has no labels, or lacks a named one; the message suggests the most similar label.
    """

    def __init__(self, condition: Condition, edits: Sequence[Edit]) -> None:
        if edits and not condition.has_labels:
            raise ConfigError(
                f"edit: this model's condition is of the kind {condition.kind!r} and has no labels to edit; leave edit "
                "out."
            )

        def channel(label: str) -> int | None:
            return None if label in (ALL, "") else condition.label_channels([label], "edit: label")[0]

        self.edits = [(edit, channel(edit.what), channel(edit.into)) for edit in edits]
        self.without_effect = list(edits)

    def __call__(
        self, planes: NDArray[np.uint8], ids: NDArray[Id] | None, frame: int
    ) -> tuple[NDArray[np.uint8], NDArray[Id] | None]:
        """Change one frame.

        Args:
            planes: ``(1, H, W)`` uint8, class indices as a clip carries them (`vid2vid.types.Clip.source`).
            ids: ``(H, W)`` or ``(1, H, W)`` object ids, or None.
            frame: Index of the frame in the video, from 0.

        Returns:
            The edited planes and ids, of the same shapes; the arguments are not changed.

        Raises:
            ConfigError: A region lies outside of the frame.
        """
        labels = planes[0]
        objects = None if ids is None else ids.reshape(labels.shape)
        for edit, what, into in self.edits:
            if not edit.concerns(frame):
                continue
            mask = _edited_pixels(edit, labels, what)
            if edit in self.without_effect and mask.any():
                self.without_effect.remove(edit)
            if into is None:
                labels, objects = filled(labels, objects, mask)
                continue
            if objects is not None:
                whole = np.unique(objects[(labels == into) & ~mask])
                objects = np.where(mask, whole[0], objects) if len(whole) == 1 else objects
            labels = np.where(mask, np.uint8(into), labels)
        return labels[None], ids if ids is None or objects is None else objects.reshape(ids.shape)


def _edited_pixels(edit: Edit, labels: NDArray[np.uint8], what: int | None) -> NDArray[np.bool_]:
    """Return the pixels of a label, or all pixels without one, inside the edit's region."""
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
