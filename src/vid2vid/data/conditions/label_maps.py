"""Label maps as conditions: class ids, or the colours of a palette."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.data.conditions.colours import hues, is_grey
from vid2vid.data.conditions.kind import ConditionKind, Planes
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import DataError
from vid2vid.ops import LabelCode, instance_edges, object_motion
from vid2vid.video import as_labels

_UNKNOWN = -1
_MOST_IDS = 64
"""Grey pictures with more values count as photographs, not as label maps."""


class LabelMaps(ConditionKind):
    """Maps of class ids or palette colours; they are class indices in a clip, and a one-hot code for the networks."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self.raw_channels = 1 if condition.holds_ids else 3

    def planes(self, frames: NDArray[np.uint8], crop_resize: CropResize, path: Path, indices: range) -> Planes:
        """Convert ids or colours to class indices ``(N, 1, H', W')``; in mirrored frames, left and right are exchanged.

        Raises:
            DataError: An id or colour is not one of the condition's; the message names frame, row and column.
        """
        if self.condition.colour_coded:
            classes = self._classes_of_colours(crop_resize.ids(packed(frames)), path, indices)
        elif self.condition.class_in_red:
            classes = self._classes_of_ids(crop_resize.ids(frames[..., 0]), path, indices)
        else:
            maps = frames if frames.ndim == 3 else as_labels(frames, path, indices.start)
            classes = self._classes_of_ids(crop_resize.ids(maps), path, indices)
        if crop_resize.flip:
            label_ids = self.condition.label_ids
            other_side = np.arange(len(label_ids), dtype=np.uint8)
            for pair in self.condition.mirrored:
                left, right = (label_ids.index(label) for label in pair)
                other_side[left], other_side[right] = right, left
            classes = other_side[classes]
        return classes[:, None]

    def encode(self, source: Tensor, instance: Tensor | None = None) -> Tensor:
        """Encode class indices as a one-hot code, followed by the edges and the motion of objects if wanted."""
        return self.code(source, instance).dense()

    def code(self, source: Tensor, instance: Tensor | None = None) -> LabelCode:
        """Encode as `encode` does, without materialising the one-hot channels."""
        code = LabelCode(source, len(self.condition.label_ids))
        if not self.condition.needs_instances:
            return code
        if instance is None:
            raise ValueError("instance_edges and object_motion need instance maps, and the data has none")
        if self.condition.instance_edges:
            code = replace(code, edges=instance_edges(instance))
        return replace(code, features=object_motion(instance)) if self.condition.object_motion else code

    def picture(self, planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Paint the classes in the palette's colours, or in evenly spread hues without a palette."""
        palette = self.condition.palette
        colours = np.array(palette, np.uint8) if palette else hues(len(self.condition.label_ids))
        return np.asarray(colours[planes[0]], np.uint8)

    @classmethod
    def looks_like(cls, colours: NDArray[np.uint8], ids: NDArray[np.uint8] | None, has_palette: bool) -> bool:
        """Whether pictures have few ids, not only black and white, or have colours and there is a palette for them."""
        if ids is None:
            return has_palette and not is_grey(colours)
        values = set(np.unique(ids).tolist())
        return len(values) <= _MOST_IDS and not values <= {0, 255}

    def _classes_of_ids(self, ids: NDArray[np.uint8], path: Path, indices: range) -> NDArray[np.uint8]:
        label_ids = self.condition.label_ids
        table = np.full(256, _UNKNOWN, np.int16)
        table[label_ids] = np.arange(len(label_ids))
        classes = table[ids]
        if (classes == _UNKNOWN).any():
            frame, row, column = np.argwhere(classes == _UNKNOWN)[0]
            raise DataError(
                f"{path}: frame {indices[frame]} has the label id {ids[frame, row, column]} at row {row}, column "
                f"{column}, which is not among the {len(label_ids)} ids in condition.label_ids "
                f"({', '.join(map(str, label_ids))}). Add it there, or correct the label map."
            )
        return classes.astype(np.uint8)

    def _classes_of_colours(self, colours: NDArray[np.int32], path: Path, indices: range) -> NDArray[np.uint8]:
        palette = packed(np.array(self.condition.palette, np.uint8))
        order = np.argsort(palette)
        classes = order[np.searchsorted(palette[order], colours).clip(max=len(palette) - 1)]
        unknown = palette[classes] != colours
        if unknown.any():
            frame, row, column = np.argwhere(unknown)[0]
            colour = unpacked(int(colours[frame, row, column]))
            raise DataError(
                f"{path}: frame {indices[frame]} has the colour {colour} at row {row}, column {column}, which is not "
                "in the palette. Add it there, or, if the map went through lossy compression (jpg, mp4), export it "
                "again without."
            )
        return np.asarray(classes, np.uint8)


def packed(frames: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return RGB colours ``(..., 3)`` as one number each."""
    return np.asarray(frames.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32), np.int32)


def unpacked(number: int) -> list[int]:
    """Return the RGB colour of a number made by `packed`."""
    return list(number.to_bytes(3, "big"))
