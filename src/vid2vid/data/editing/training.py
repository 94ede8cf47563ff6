"""Label maps of training clips, changed at random as editing changes them, so that F meets such shapes before."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vid2vid.config import AugmentConfig
from vid2vid.data.editing.borders import coarsened, grown
from vid2vid.data.editing.surroundings import filled, followed

_OBJECT = 1 / 8
"""What covers less of a clip than this is taken for an object, and more for a part of the scene."""


@dataclass(frozen=True)
class LabelChange:
    """A random change of the label maps of a clip; the same for all its frames.

    Attributes:
        config: What may change, and how much.
        seed: Decides what does.
    """

    config: AugmentConfig
    seed: int

    def __call__(
        self, planes: NDArray[np.uint8], ids: NDArray[np.int32] | None
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32] | None]:
        """Change a clip.

        Args:
            planes: ``(T, 1, H, W)`` uint8, class indices.
            ids: ``(T, 1, H, W)`` object ids, or None.

        Returns:
            Both, changed.
        """
        random = np.random.default_rng(self.seed)
        gone = _drawn_objects(planes if ids is None else ids, self.config.drop_objects, random)
        label = int(random.choice(np.unique(planes)))
        pixels = int(random.integers(-self.config.move_borders, self.config.move_borders + 1))
        side = 1 + 2 * int(random.integers(0, self.config.coarse_labels // 2 + 1))
        changed, objects = planes.copy(), None if ids is None else ids.copy()
        for t, labels in enumerate(planes[:, 0]):
            own = None if ids is None else ids[t, 0]
            before, kept = filled(labels, own, np.isin(labels if own is None else own, gone))
            changed[t, 0] = after = coarsened(grown(before, label, pixels), side)
            moved = followed(before, after, kept)
            if objects is not None and moved is not None:
                objects[t, 0] = moved
        return changed, objects


def _drawn_objects(maps: NDArray[Any], often: float, random: np.random.Generator) -> NDArray[Any]:
    """Return which values of some maps are left out, of those that cover little of them."""
    values, counts = np.unique(maps, return_counts=True)
    drawn = random.random(len(values)) < often
    return np.asarray(values[drawn & (counts < _OBJECT * maps.size)])
