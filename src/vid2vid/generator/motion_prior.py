"""`MotionPrior`: the motion that W begins from, out of the conditions."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config import GeneratorConfig
from vid2vid.errors import ConfigError
from vid2vid.ops import MOTION_UNIT, Code


@dataclass(frozen=True)
class MotionPrior:
    """Two channels of the conditions, x and y, to which the flow that W draws is added.

    Attributes:
        channel: The first of them.
        unit: Pixels that the number 1 stands for in them.
        otherwise: What W begins from in videos whose channels are all zeros: an optional plane of motion that a video
            lacks, or a world at rest, in which nothing else moves either. None: from these zeros.
    """

    channel: int
    unit: float = MOTION_UNIT
    otherwise: Self | None = None

    @classmethod
    def of(cls, condition: Condition, config: GeneratorConfig) -> Self | None:
        """Return what W of a generator begins from: a plane of motion, or the motion of objects; None: nothing.

        Raises:
            ConfigError: It should begin from a plane of motion, but there is none.
        """
        of_objects = (
            cls(len(condition.label_ids) + condition.instance_edges)
            if config.form == "efficient" and condition.object_motion
            else None
        )
        if config.motion_prior:
            place = condition.channels - condition.plane_channels
            for plane in condition.planes:
                if plane.is_motion:
                    return cls(place, plane.half, of_objects if plane.optional else None)
                place += plane.channels
            raise ConfigError(
                "generator.motion_prior=true: W starts from the motion vectors of the data; add their plane: "
                "data.planes=[motion]."
            )
        return of_objects

    def flow(self, source: Code, coarseness: int) -> Tensor:
        """Return the motion of the newest frame, ``(B, 2, H, W)``, in pixels of a spatial scale.

        Args:
            source: ``(B, T, C, H, W)``, the encoded conditions at that scale.
            coarseness: How many scales there are above it, each twice as fine.
        """
        # of labels that are not written out the last channels are
        written = source if isinstance(source, Tensor) else source.features
        if written is None:
            raise ValueError("the conditions have no channels of motion")
        start = self.channel - source.shape[-3] + written.shape[-3]
        motion: Tensor = written[:, -1, start : start + 2] * (self.unit / 2**coarseness)
        if self.otherwise is None:
            return motion
        known = motion.abs().amax((1, 2, 3), keepdim=True) > 0
        return torch.where(known, motion, self.otherwise.flow(source, coarseness))
