"""Small videos of every codec, container and time base, written by PyAV."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

COUNT, HEIGHT, WIDTH = 60, 48, 64
Codec = Literal["libx264", "libx265", "mpeg4", "libsvtav1", "libvpx-vp9", "mjpeg", "ffv1"]


@pytest.fixture(scope="session")
def moving() -> list[NDArray[np.uint8]]:
    """60 frames of 48 x 64 pixels: smooth colours that pan."""
    random = np.random.default_rng(5)
    wide = cv2.resize(random.integers(0, 256, (6, 40, 3), dtype=np.uint8), (WIDTH + 3 * COUNT, HEIGHT))
    return [np.ascontiguousarray(wide[:, 3 * i : 3 * i + WIDTH], dtype=np.uint8) for i in range(COUNT)]


@pytest.fixture(scope="session")
def encode(moving: list[NDArray[np.uint8]]) -> Callable[..., Path]:
    """Writes the moving frames to a file and returns its path."""

    def write(
        path: Path,
        codec: Codec,
        options: dict[str, str] | None = None,
        pixels: str = "yuv420p",
        rotation: int = 0,
        colour: tuple[int, int] | None = None,
        size: tuple[int, int] = (WIDTH, HEIGHT),
        milliseconds: list[int] | None = None,
        title: str = "",
        bit_rate: int | None = None,
        pixel_width: Fraction | None = None,
    ) -> Path:
        times, unit = (milliseconds, Fraction(1, 1000)) if milliseconds else (list(range(COUNT)), Fraction(1, 25))
        with av.open(str(path), "w") as container:
            container.metadata["title"] = title
            stream = container.add_stream(codec, rate=25, options=options or {})
            stream.width, stream.height = size
            stream.pix_fmt = pixels
            stream.codec_context.time_base = unit
            if pixel_width:
                stream.codec_context.sample_aspect_ratio = pixel_width
            if bit_rate:
                stream.bit_rate = bit_rate
            if rotation:
                stream.set_display_rotation(rotation)
            if colour:
                stream.codec_context.colorspace, stream.codec_context.color_range = colour
            for index, image in enumerate(moving):
                frame = av.VideoFrame.from_ndarray(image[: size[1], : size[0]].copy(), format="rgb24")
                frame.pts, frame.time_base = times[index], unit
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write
