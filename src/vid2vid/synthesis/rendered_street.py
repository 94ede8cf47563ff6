"""Conditions of a street that is rendered while it is synthesised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Condition, Plane
from vid2vid.config import SynthesisConfig
from vid2vid.data.planes import absent_plane
from vid2vid.street import STREET_PLANES, Street, StreetConfig, street_condition

_FIRST_SEED = 2**32
"""Data sets have smaller seeds, so that no model was trained on the street."""


def can_be_rendered(condition: Condition) -> bool:
    """Whether a condition is that of rendered streets, so that a new street can be its source."""
    known = all(plane.is_marks or plane.name in STREET_PLANES for plane in condition.planes)
    return known and replace(condition.without_instances(), planes=[]).encodes_like(street_condition())


def with_street_size(config: SynthesisConfig, module: object) -> SynthesisConfig:
    """Return the settings of a synthesis with the size of a new street: that of the training, unless it is given."""
    facts = getattr(module, "facts", None)
    if config.source is not None or config.height or facts is None or not facts.height:
        return config
    return replace(config, height=facts.height, width=facts.width)


@dataclass(frozen=True)
class RenderedStreet:
    """The label maps, object ids and planes of a rendered street (`vid2vid.street.Street`).

    Attributes:
        seed: Number of the street, >= 0; no data set of rendered streets contains it.
        frames: Number of frames.
        height: Rows of a frame.
        width: Columns of a frame.
        fps: Frames a second.
    """

    seed: int
    frames: int = 120
    height: int = StreetConfig.height
    width: int = StreetConfig.width
    fps: float = StreetConfig.fps

    @property
    def street_seed(self) -> int:
        """Seed of the `vid2vid.street.Street`."""
        return _FIRST_SEED + self.seed

    def __str__(self) -> str:
        """Return its name in messages, which states everything that the frames depend on."""
        return f"street {self.seed}, {self.frames} frames of {self.height} x {self.width} at {self.fps:g} a second"

    def first_frames(self, count: int) -> NDArray[np.uint8]:
        """Return the first rendered frames, ``(count, H, W, 3)``, from which F can continue.

        Raises:
            ConfigError: The seed or the size is out of range.
        """
        return np.stack([self.street.render(index).rgb for index in range(count)])

    @cached_property
    def street(self) -> Street:
        """The street; the frames that were rendered last are kept.

        Raises:
            ConfigError: The seed or the size is out of range.
        """
        return Street(self.street_seed, self.height, self.width, self.fps, cached_frames=2)

    def conditions(
        self, planes: Sequence[Plane] = ()
    ) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int32], list[NDArray[np.float32]]]]:
        """Yield the label ids ``(H, W)``, the object ids ``(H, W)`` and planes ``(C, H, W)`` of each frame.

        Args:
            planes: Some of `vid2vid.street.STREET_PLANES`, or planes of marks, which are all zeros.

        Raises:
            ConfigError: The seed or the size is out of range.
        """
        for index in range(self.frames):
            frame = self.street.render(index)
            yield frame.label, frame.instance, [self._plane(plane, index) for plane in planes]

    def _plane(self, plane: Plane, index: int) -> NDArray[np.float32]:
        if plane.is_marks:
            return absent_plane(plane, (self.height, self.width))
        if plane.name == "motion":
            vectors, _ = self.street.flow(index)
            return np.clip(vectors, plane.low, plane.high)
        return self.street.render(index).depth[None] if plane.name == "depth" else self.street.normals(index)
