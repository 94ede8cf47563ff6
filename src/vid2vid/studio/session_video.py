"""The conditions of a session's video, and how things move in it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vid2vid.condition import Plane
from vid2vid.data.planes import split_planes
from vid2vid.errors import DataError
from vid2vid.synthesis.inputs import InputSource
from vid2vid.synthesis.rendered_street import RenderedStreet
from vid2vid.types import FrameInputs

LARGEST_FRAME = 2**20
"""Pixels of the largest frame of a session."""
MOST_BYTES = 5 * 2**25
"""Bytes of the conditions of all frames of a session together: 1 a pixel, 4 of object ids, and 4 of each plane."""


class SessionVideo:
    """The conditions of a session's video, unedited; those of a new street are rendered when they are asked for.

    Args:
        inputs: The source.
        most: Greatest number of frames; lower for large frames (`MOST_BYTES`).

    Attributes:
        length: Number of frames.
        size: Height and width of a frame.

    Raises:
        DataError: A file cannot be read, or its frames are too large.
    """

    def __init__(self, inputs: InputSource, most: int) -> None:
        self.inputs, self.fps = inputs, inputs.header().fps
        self._reading, self._frames = iter(inputs), list[FrameInputs]()
        self.length = most
        first = self[0]
        self.size = first.source.shape[-2], first.source.shape[-1]
        if self.size[0] * self.size[1] > LARGEST_FRAME:
            raise DataError(
                f"{inputs.source}: frames of {self.size[0]} x {self.size[1]} are too large for the studio, which takes "
                f"at most {LARGEST_FRAME} pixels."
            )
        planes = 0 if first.planes is None else first.planes.shape[1]
        most = min(most, MOST_BYTES // ((5 + 4 * planes) * self.size[0] * self.size[1]))
        if isinstance(inputs.source, RenderedStreet):
            self.length = min(most, inputs.source.frames)
            return
        while len(self._frames) < most and self._read():
            pass
        self.length = len(self._frames)

    def _read(self) -> bool:
        for frame in self._reading:
            self._frames.append(frame)
            return True
        return False

    def __getitem__(self, index: int) -> FrameInputs:
        """Return the inputs of a frame.

        Raises:
            DataError: There is no such frame, or it cannot be read.
        """
        while len(self._frames) <= index < self.length and self._read():
            pass
        if not 0 <= index < len(self._frames):
            raise DataError(f"{self.inputs.source}: there is no frame {index}.")
        return self._frames[index]

    def known_planes(self, planes: Sequence[Plane]) -> list[str]:
        """Return the names of those planes of the condition that the video has."""
        values = self[0].planes
        parts = [] if values is None else split_planes(planes, values[0])
        return [plane.name for plane, own in parts if not own.isnan().all()]

    def flow(self, frame: int, other: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the flow from a frame to one beside it: exact in a rendered street, else estimated from the maps.

        In a map all pixels of an object have one grey value, so that only outlines tell how things move.
        """
        if isinstance(self.inputs.source, RenderedStreet):
            exact, seen = self.inputs.source.street.flow(frame, frame - other)
            return np.asarray(exact, np.float32), seen
        now, then = self._grey(frame), self._grey(other)
        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        vectors = np.asarray(dis.calc(now, then, np.zeros((*now.shape, 2), np.float32)), np.float32)
        height, width = self.size
        return vectors.transpose(2, 0, 1)[:, :height, :width], np.ones(self.size, bool)

    def _grey(self, frame: int) -> NDArray[np.uint8]:
        inputs = self[frame]
        values = (inputs.source[0, 0] if inputs.instance is None else inputs.instance[0, 0]).numpy().astype(np.uint32)
        grey = (values * np.uint32(2654435761) >> 24).astype(np.uint8)
        # in smaller maps OpenCV reads beyond their memory
        below, right = (max(16 - side, 0) for side in grey.shape)
        return np.pad(grey, ((0, below), (0, right)), "edge")
