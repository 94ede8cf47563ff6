"""Conditions as F takes them, prepared once for all windows that contain them."""

from collections.abc import Sequence
from dataclasses import dataclass

from vid2vid.ops import Code, concatenate


@dataclass(frozen=True)
class Conditions:
    """Encoded conditions of frames, ready for F.

    Attributes:
        scales: For each spatial scale, the coarsest first, ``(B, T, C, h, w)``.
        size: Height and width of the frames to make, before padding.
    """

    scales: Sequence[Code]
    size: tuple[int, int]

    @property
    def frames(self) -> int:
        """T, the number of frames."""
        return int(self.scales[-1].shape[1])

    def __getitem__(self, index: slice | tuple[slice, ...]) -> "Conditions":
        """Return some videos, or some frames of all."""
        return Conditions([code[index] for code in self.scales], self.size)

    @staticmethod
    def join(parts: Sequence["Conditions"], dim: int) -> "Conditions":
        """Concatenate along the batch (0) or time (1)."""
        if len(parts) == 1:
            return parts[0]
        codes = zip(*(part.scales for part in parts), strict=True)
        return Conditions([concatenate(list(each), dim) for each in codes], parts[0].size)
