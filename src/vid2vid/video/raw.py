"""Raw frames without a container, from a pipe."""

import os
import select
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video.images import FOLDER_FPS

_WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class RawVideo:
    """Raw frames from a file descriptor, 8 bits a channel: ``gray8`` or ``rgb24``.

    Attributes:
        height: Rows of a frame.
        width: Columns of a frame.
        fps: Frames a second.
        descriptor: File descriptor of the frames; 0 is the standard input.
        stopped: Called while no data arrives; if it returns true, the stream counts as ended.
    """

    height: int
    width: int
    fps: float = FOLDER_FPS
    descriptor: int = 0
    stopped: Callable[[], bool] = field(default=lambda: False, repr=False, compare=False)

    def __str__(self) -> str:
        """Return the name in messages."""
        return "standard input" if self.descriptor == 0 else f"descriptor {self.descriptor}"

    def frames(self, channels: int) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames, ``(H, W)`` for one channel, else ``(H, W, C)``.

        Args:
            channels: 1 for ``gray8``, 3 for ``rgb24``.

        Raises:
            VideoError: While iterating: no data arrives, or the stream ends within a frame.
        """
        shape = (self.height, self.width) if channels == 1 else (self.height, self.width, channels)
        size, index = int(np.prod(shape)), 0
        while len(data := self._read(size)) == size:
            yield np.frombuffer(data, np.uint8).reshape(shape)
            index += 1
        if self.stopped():
            return
        kind = "gray8" if channels == 1 else "rgb24"
        wanted = f"frames of {self.height} x {self.width} (height x width), {kind}, have {size} bytes each"
        if data:
            raise VideoError(f"{self}: ended after {len(data)} bytes of frame {index}; {wanted}. Check the size.")
        if index == 0:
            raise VideoError(f"{self}: no data arrived; {wanted}. Check what writes into it.")

    def _read(self, size: int) -> bytes:
        """Read ``size`` bytes, or fewer at the end of the stream or if `stopped` returns true."""
        data = bytearray()
        while len(data) < size:
            # Windows cannot wait for pipes
            while os.name != "nt" and not select.select([self.descriptor], [], [], _WAIT_SECONDS)[0]:
                if self.stopped():
                    return bytes(data)
            more = os.read(self.descriptor, size - len(data))
            if not more:
                break
            data += more
        return bytes(data)
