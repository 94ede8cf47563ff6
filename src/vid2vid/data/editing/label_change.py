"""`LabelChange`: random changes of the label maps of training clips, by which F sees edited shapes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vid2vid.config import AugmentConfig
from vid2vid.data.editing.label_shapes import Sketch, coarsened, filled, followed, grown, sketched

_LARGEST_OBJECT = 1 / 8
"""Share of a clip's pixels; larger objects count as parts of the scene, such as a road, and are never left out."""


@dataclass(frozen=True)
class LabelChange:
    """A random change of the label maps of a clip; the same for all its frames.

    Attributes:
        config: Settings of the changes.
        seed: Seed of the change.
    """

    config: AugmentConfig
    seed: int

    def __call__(
        self, planes: NDArray[np.uint8], ids: NDArray[np.int32] | None
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32] | None, NDArray[np.bool_]]:
        """Change a clip.

        Args:
            planes: ``(T, 1, H, W)`` uint8, class indices.
            ids: ``(T, 1, H, W)`` object ids, or None.

        Returns:
            The changed planes and ids, and a mask ``(T, 1, H, W)`` of the pixels that belong to a sketch.
        """
        random = np.random.default_rng(self.seed)
        values, counts = np.unique(planes if ids is None else ids, return_counts=True)
        drawn = random.random(len(values)) < self.config.drop_objects
        left_out = values[drawn & (counts < _LARGEST_OBJECT * planes.size)]
        label = int(random.choice(np.unique(planes)))
        pixels = int(random.integers(-self.config.move_borders, self.config.move_borders + 1))
        side = 1 + 2 * int(random.integers(0, self.config.coarse_labels // 2 + 1))
        # drawn last, so that the other numbers do not depend on it
        sketches = {} if ids is None else self._sketches(planes, ids, random)
        changed, objects = planes.copy(), None if ids is None else ids.copy()
        of_sketches = np.zeros(planes.shape, bool)
        for t, labels in enumerate(planes[:, 0]):
            own = None if ids is None else ids[t, 0]
            before, kept = filled(labels, own, np.isin(labels if own is None else own, left_out))
            if kept is not None:
                before, kept = sketched(before, kept, sketches)
            changed[t, 0] = after = coarsened(grown(before, label, pixels), side)
            moved = followed(before, after, kept)
            if objects is not None and moved is not None:
                objects[t, 0] = moved
                of_sketches[t, 0] = np.isin(moved, [*sketches])
        return changed, objects, of_sketches

    def _sketches(
        self, planes: NDArray[np.uint8], ids: NDArray[np.int32], random: np.random.Generator
    ) -> dict[int, Sketch]:
        """Draw sketches of random objects, of labels with several objects only, since nobody would draw a road."""
        numbers, first, counts = np.unique(ids, return_index=True, return_counts=True)
        _, label, objects = np.unique(planes.ravel()[first], return_inverse=True, return_counts=True)
        chosen = (objects[label] > 1) & (counts < _LARGEST_OBJECT * ids.size)
        chosen &= random.random(len(numbers)) < self.config.sketch_objects
        return {int(number): Sketch.drawn(random) for number in numbers[chosen]}
