"""What a video file says of itself."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from vid2vid.video.decoding import opening
from vid2vid.video.folder import FOLDER_FPS, is_folder, list_images


@dataclass(frozen=True)
class Header:
    """What stands at the head of a video file, or is known of a folder of images.

    Attributes:
        fps: Frames a second, on average.
        frames: Number of frames, without regard to edit lists; None where the format does not say.
        pixels: FFmpeg's name of the pixel format of a file, such as ``yuv420p``; empty for a folder.
        about: Number of frames for a file of this duration, where the format does not say; for progress bars.
    """

    fps: float
    frames: int | None
    pixels: str = ""
    about: int | None = None

    @classmethod
    def read(cls, path: Path) -> "Header":
        """Read the header of a file, or count the images of a folder.

        Raises:
            VideoError: There is no such file or folder, it cannot be read or it holds no video.
        """
        if is_folder(path):
            return cls(FOLDER_FPS, len(list_images(path)))
        with opening(path) as (container, stream):
            rate = stream.average_rate or stream.guessed_rate or Fraction(25)
            seconds = (container.duration or 0) / av.time_base
            about = stream.frames or round(seconds * rate) or None
            return cls(float(rate), stream.frames or None, stream.codec_context.pix_fmt or "", about)
